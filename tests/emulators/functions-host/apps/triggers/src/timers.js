const { app } = require('@azure/functions');

const runs = [];
app.timer('nightly', { schedule: '%NIGHTLY%', handler: (timer) => void runs.push(['nightly', timer]) });
app.timer('atStart', {
  schedule: '0 0 4 1 1 *',
  runOnStartup: true,
  handler: (timer) => void runs.push(['atStart', timer]),
});
app.timer('often', { schedule: '* * * * * *', handler: () => void runs.push(['often']) });
let tries = 0;
app.timer('retried', {
  schedule: '0 0 5 1 1 *',
  retry: { strategy: 'fixedDelay', maxRetryCount: 3, delayInterval: { milliseconds: 20 } },
  handler: (_timer, context) => {
    runs.push(['retried', context.retryContext ?? null]);
    if (++tries < 3) {
      throw new Error(`try ${tries}`);
    }
  },
});
app.timer('slow', {
  schedule: '0 0 6 * * *',
  handler: async () => {
    runs.push(['slow']);
    await new Promise((resolve) => setTimeout(resolve, 700));
  },
});
app.http('runs', { authLevel: 'anonymous', handler: () => ({ jsonBody: runs }) });
