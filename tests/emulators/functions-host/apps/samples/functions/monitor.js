import * as df from 'durable-functions';

// Looks again and again, until the sky is clear or its time is over.
df.app.orchestration('weatherMonitor', function* (context) {
  const { city, phone, clearAfter, forMs, everyMs } = context.df.getInput();
  const end = context.df.currentUtcDateTime.getTime() + forMs;
  let looks = 0;
  while (context.df.currentUtcDateTime.getTime() < end) {
    looks++;
    if (yield context.df.callActivity('isClear', { city, looks, clearAfter })) {
      yield context.df.callActivity('tellThatItIsClear', { city, phone });
      return { looks, clear: true };
    }
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + everyMs));
  }
  return { looks, clear: false };
});

df.app.activity('isClear', { handler: ({ looks, clearAfter }) => looks >= clearAfter });

const told = new Map();
df.app.activity('tellThatItIsClear', {
  handler: ({ city, phone }) => {
    told.set(city, [...(told.get(city) ?? []), phone]);
  },
});

df.app.orchestration('whoWasTold', function* (context) {
  return yield context.df.callActivity('toldAbout', context.df.getInput());
});
df.app.activity('toldAbout', { handler: (city) => told.get(city) ?? [] });
