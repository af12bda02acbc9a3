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
