import * as df from 'durable-functions';

const after = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);

// The timer is cancelled once it is not needed any more, so that the instance need not wait for it.
df.app.orchestration('cancelTimer', function* (context) {
  const timeout = context.df.createTimer(after(context, 120_000));
  const greeting = context.df.callActivity('sayHello', 'from the other side');
  const winner = yield context.df.Task.any([greeting, timeout]);
  if (!timeout.isCompleted) {
    timeout.cancel();
  }
  return winner === greeting ? greeting.result : 'too late';
});

// A timer far beyond the six days in which the Azure Storage provider splits timers.
df.app.orchestration('longTimer', function* (context) {
  const days = context.df.getInput();
  const timer = context.df.createTimer(after(context, days * 86_400_000));
  yield context.df.callActivity('sayHello', 'before the timer counts');
  const cut = context.df.waitForExternalEvent('cut');
  const winner = yield context.df.Task.any([timer, cut]);
  if (winner === cut) {
    timer.cancel();
  }
  return winner === cut ? 'cut short' : 'slept';
});

// Counts up, each time as a new execution of the same instance.
df.app.orchestration('eternalCounter', function* (context) {
  const count = (context.df.getInput() ?? 0) + 1;
  yield context.df.createTimer(after(context, 5));
  if (count < 10) {
    context.df.continueAsNew(count);
  }
  return count;
});

df.app.orchestration('longActivity', function* (context) {
  const timeout = context.df.createTimer(after(context, context.df.getInput()));
  const work = context.df.callActivity('takesAWhile');
  const winner = yield context.df.Task.any([work, timeout]);
  if (winner === timeout) {
    return 'timed out';
  }
  timeout.cancel();
  return work.result;
});
df.app.activity('takesAWhile', {
  handler: async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return 'done';
  },
});

df.app.orchestration('neverTimer', function* (context) {
  yield context.df.createTimer(new Date('tomorrow'));
});
