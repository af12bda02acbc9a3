import * as df from 'durable-functions';
import { parseBlobCreated } from '../shared/events/blob-event.ts';
import { admitLandedFile } from '../shared/ledger/admit-landed-file.ts';
import { CONTAINERS } from '../shared/names.ts';
import { services } from '../shared/services.ts';
import { emitArrival } from '../shared/telemetry/emit-arrival.ts';

/** A file has landed, says Event Grid, in either of its schemas. Throwing makes Event Grid deliver the event again. */
df.app.client.eventGrid('file-arrived', {
  handler: async (event, client, context) => {
    const created = parseBlobCreated(event);
    if (created?.container !== CONTAINERS.landing) return;
    const file = await admitLandedFile(services(), client, created);
    emitArrival(services().telemetry, file);
    context.info(`${file.path} (${file.etag}): ${file.dataset}, ${file.status}`);
  },
});
