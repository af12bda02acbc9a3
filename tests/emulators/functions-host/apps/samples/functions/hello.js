import * as df from 'durable-functions';

const sayHello = df.app.activity('sayHello', { handler: (name) => `Hello ${name}` });

df.app.orchestration('helloSequence', function* (context) {
  const greetings = [];
  for (const city of ['Tokyo', 'Seattle', 'Cairo']) {
    greetings.push(yield context.df.callActivity('sayHello', city));
  }
  return greetings;
});

const helloOnce = df.app.orchestration('helloOnce', function* (context) {
  return yield sayHello(context.df.getInput());
});

df.app.orchestration('helloWithCustomStatus', function* (context) {
  const greeting = yield context.df.callActivity('sayHello', context.df.getInput());
  context.df.setCustomStatus({ greeting });
  return greeting;
});

df.app.orchestration('helloWithSubOrchestrator', function* (context) {
  return yield helloOnce(context.df.getInput());
});

df.app.orchestration('longHello', function* (context) {
  const name = 'x'.repeat(context.df.getInput());
  return (yield context.df.callActivity('sayHello', name)).length;
});

// Counts what it does for the first time, and what it does at all.
const tallies = new Map();
df.app.orchestration('countsItself', function* (context) {
  const count = () => {
    const tally = tallies.get(context.df.instanceId) ?? { first: 0, all: 0 };
    tallies.set(context.df.instanceId, { first: tally.first + (context.df.isReplaying ? 0 : 1), all: tally.all + 1 });
  };
  count();
  for (const name of ['a', 'b', 'c']) {
    yield context.df.callActivity('sayHello', name);
    count();
  }
  return tallies.get(context.df.instanceId);
});
