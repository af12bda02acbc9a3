import * as df from 'durable-functions';
import { parseBlobCreated, parseBlobDeleted } from '../shared/events/blob-event.ts';
import { admitDeletion } from '../shared/ledger/admit-deletion.ts';
import { admitLandedFile } from '../shared/ledger/admit-landed-file.ts';
import { CONTAINERS } from '../shared/names.ts';
import { services } from '../shared/services.ts';
import { emitArrival } from '../shared/telemetry/emit-arrival.ts';

/** A file has landed, or was deleted, says Event Grid, in either of its schemas. Throwing makes Event Grid deliver the event again. */
df.app.client.eventGrid('file-arrived', {
  handler: async (event, client, context) => {
    const deleted = parseBlobDeleted(event);
    if (deleted?.container === CONTAINERS.landing) {
      const entry = await admitDeletion(services(), client, deleted);
      if (entry !== undefined) emitArrival(services().telemetry, entry);
      context.info(`${deleted.path} was deleted: ${entry === undefined ? 'what it brought is kept' : entry.status}`);
      return;
    }
    const created = parseBlobCreated(event);
    if (created?.container !== CONTAINERS.landing) return;
    const file = await admitLandedFile(services(), client, created);
    emitArrival(services().telemetry, file);
    context.info(`${file.path} (${file.etag}): ${file.dataset}, ${file.status}`);
  },
});
