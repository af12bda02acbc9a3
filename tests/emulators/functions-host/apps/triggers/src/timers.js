const { app } = require('@azure/functions');

const runs = [];
app.timer('nightly', { schedule: '%NIGHTLY%', handler: (timer) => void runs.push(['nightly', timer]) });
app.timer('atStart', {
  schedule: '0 0 4 1 1 *',
  runOnStartup: true,
  handler: (timer) => void runs.push(['atStart', timer]),
});
app.timer('often', { schedule: '* * * * * *', handler: () => void runs.push(['often']) });
app.http('runs', { authLevel: 'anonymous', handler: () => ({ jsonBody: runs }) });
