import * as df from 'durable-functions';

df.app.orchestration('approval', function* (context) {
  yield context.df.waitForExternalEvent('approval');
  return 'finished';
});

// Works first, and only then takes the events, in the order in which they came.
df.app.orchestration('letters', function* (context) {
  yield context.df.callActivity('takesAWhile');
  const letters = [];
  for (let i = 0; i < context.df.getInput(); i++) {
    letters.push(yield context.df.waitForExternalEvent('letter'));
  }
  return letters;
});

// Takes one event, waits for a go, and starts over: what came meanwhile belongs to the execution that ends.
df.app.orchestration('forgetful', function* (context) {
  const taken = context.df.getInput() || []; // the client sends an empty text when there is no input
  taken.push(yield context.df.waitForExternalEvent('letter'));
  if (taken.length === 2) {
    return taken;
  }
  yield context.df.waitForExternalEvent('go');
  context.df.continueAsNew(taken);
});

df.app.orchestration('firstOfTwo', function* (context) {
  const winner = yield context.df.Task.any([
    context.df.waitForExternalEvent('a'),
    context.df.waitForExternalEvent('b'),
  ]);
  return winner.result;
});
