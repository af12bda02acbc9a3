import * as df from 'durable-functions';
import { datasetsWithModel } from '../shared/models/model-of.ts';
import { startTraining } from '../shared/models/start-training.ts';
import { nightlyTraining } from '../shared/models/training.ts';
import { nightOf } from '../shared/night-of.ts';
import { services } from '../shared/services.ts';

/** Challenges the champion of each dataset, once for each date: however often or late the timer calls. */
df.app.client.timer('nightly-retraining', {
  schedule: '%RETRAIN_SCHEDULE%',
  retry: {
    strategy: 'exponentialBackoff',
    maxRetryCount: 10,
    minimumInterval: { seconds: 10 },
    maximumInterval: { minutes: 10 },
  },
  handler: async (timer, client, context) => {
    const app = services();
    const date = nightOf(new Date(), timer.scheduleStatus?.next);
    for (const dataset of datasetsWithModel(app.datasets)) {
      const started = await startTraining(app, client, nightlyTraining(dataset, date));
      context.info(
        `${dataset}: ${started ? 'retraining' : 'retrained already'} for ${date}${timer.isPastDue ? ', late' : ''}`,
      );
    }
  },
});
