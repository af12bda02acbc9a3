import { app } from '@azure/functions';

app.timer('ticking', { schedule: '* * * * * *', handler: (_timer, context) => context.log('the timer has fired') });
app.timer('failing', {
  schedule: '0 0 0 1 1 *',
  runOnStartup: true,
  retry: { strategy: 'fixedDelay', delayInterval: { milliseconds: 10 }, maxRetryCount: 5 },
  handler: (_timer, context) => {
    const retries = context.retryContext?.retryCount ?? 0;
    if (retries < 2) {
      throw new Error(`no luck with retry ${retries}`);
    }
    context.log(`luck with retry ${retries}`);
  },
});
