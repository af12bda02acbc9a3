import * as df from 'durable-functions';

// Provisions as many devices as asked for, each by a sub-orchestration of its own.
df.app.orchestration('provisionDevices', function* (context) {
  const ids = yield context.df.callActivity('newDevices', context.df.getInput());
  const devices = ids.map((id) =>
    context.df.callSubOrchestrator('provisionDevice', id, `${context.df.instanceId}-${id}`),
  );
  return yield context.df.Task.all(devices);
});
df.app.orchestration('provisionDevice', function* (context) {
  const id = context.df.getInput();
  const certificate = yield context.df.callActivity('certify', id);
  const parent = context.df.parentInstanceId;
  return { id, certificate, isChild: parent !== undefined && parent !== null };
});
df.app.activity('newDevices', { handler: (count) => Array.from({ length: count }, (_, i) => `device${i}`) });
df.app.activity('certify', { handler: (id) => `certificate of ${id}` });

// Waits for a child that waits for an event.
df.app.orchestration('patientParent', function* (context) {
  return yield context.df.callSubOrchestrator('approval', null, `${context.df.instanceId}-child`);
});

// A family in which some fail, and can be rewound: whatever succeeded must not run again.
const runs = new Map();
const count = (key) => {
  runs.set(key, (runs.get(key) ?? 0) + 1);
  return runs.get(key);
};
df.app.orchestration('brokenFamily', function* (context) {
  const { failures, prefix } = context.df.getInput();
  yield context.df.Task.all([
    context.df.callSubOrchestrator('healthyMember', `${prefix} healthy 1`),
    context.df.callSubOrchestrator('brokenMember', { name: `${prefix} broken 1`, failures }),
    context.df.callSubOrchestrator('brokenMember', { name: `${prefix} broken 2`, failures }),
    context.df.callSubOrchestrator('healthyMember', `${prefix} healthy 2`),
  ]);
  return yield context.df.callActivity('runsOf', prefix);
});
df.app.orchestration('healthyMember', function* (context) {
  yield context.df.callActivity('succeeds', `${context.df.getInput()} ok`);
});
df.app.orchestration('brokenMember', function* (context) {
  const { name, failures } = context.df.getInput();
  yield context.df.callActivity('succeeds', `${name} ok`);
  yield context.df.callEntity(new df.EntityId('runCounter', 'all'), `${name} entity`);
  yield context.df.callSubOrchestrator('brokenChild', { name: `${name} child`, failures });
});
df.app.orchestration('brokenChild', function* (context) {
  const { name, failures } = context.df.getInput();
  const entity = new df.EntityId('runCounter', 'all');
  context.df.signalEntity(entity, `${name} signal`);
  yield context.df.Task.all([
    context.df.callActivity('succeeds', `${name} ok`),
    context.df.callActivity('failsAtFirst', { name: `${name} fails 1`, failures }),
    context.df.callActivity('failsAtFirst', { name: `${name} fails 2`, failures }),
    context.df.callEntity(entity, `${name} entity`),
  ]);
});
df.app.activity('succeeds', { handler: (key) => `run ${count(key)}` });
df.app.activity('failsAtFirst', {
  handler: ({ name, failures }) => {
    if (count(name) <= failures) {
      throw new Error('not yet');
    }
    return 'at last';
  },
});
df.app.activity('runsOf', {
  handler: (prefix) => Object.fromEntries([...runs].filter(([key]) => key.startsWith(prefix))),
});
df.app.entity('runCounter', (context) => {
  count(context.df.operationName);
  context.df.return(null);
});
