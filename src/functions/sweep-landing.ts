import * as df from 'durable-functions';
import { admitLandedFile } from '../shared/ledger/admit-landed-file.ts';
import { CONTAINERS } from '../shared/names.ts';
import { services } from '../shared/services.ts';

/** Admits what lies in the landing container and no event ever announced, or whose admission was interrupted. */
df.app.client.timer('sweep-landing', {
  schedule: '%SWEEP_SCHEDULE%',
  handler: async (_timer, client, context) => {
    const app = services();
    let seen = 0;
    for await (const { path, etag, size, lastModified } of app.lake.list(CONTAINERS.landing)) {
      // No event, no sequencer: the empty one is older than any, so that a swept file never undoes an announced one.
      await admitLandedFile(app, client, {
        container: CONTAINERS.landing,
        path,
        etag,
        size,
        sequencer: '',
        landedAt: lastModified,
      });
      seen++;
    }
    context.info(`swept ${seen} files`);
  },
});
