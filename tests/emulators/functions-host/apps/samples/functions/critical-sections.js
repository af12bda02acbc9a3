import * as df from 'durable-functions';

df.app.entity('account', (context) => {
  const balance = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'set':
      context.df.setState(context.df.getInput());
      break;
    case 'add':
      context.df.setState(balance + context.df.getInput());
      break;
    case 'get':
      context.df.return(balance);
      break;
  }
});

const account = (key) => new df.EntityId('account', key);

function* move(context, { from, to, amount }) {
  const balance = yield context.df.callEntity(account(from), 'get');
  if (balance < amount) {
    return { moved: false, reason: `only ${balance}` };
  }
  yield context.df.callEntity(account(from), 'add', -amount);
  yield context.df.callEntity(account(to), 'add', amount);
  return { moved: true };
}

df.app.orchestration('transferTryFinally', function* (context) {
  const { from, to, seed } = context.df.getInput();
  if (seed !== undefined) {
    context.df.signalEntity(account(from), 'set', seed);
    context.df.signalEntity(account(to), 'set', 0);
  }
  const lock = yield context.df.lock(account(from), account(to));
  let moved;
  try {
    moved = yield* move(context, context.df.getInput());
  } finally {
    lock.release();
  }
  const balances = [yield context.df.callEntity(account(from), 'get'), yield context.df.callEntity(account(to), 'get')];
  return { ...moved, balances, lockedAfterwards: context.df.isLocked().isLocked };
});

df.app.orchestration('transferUsing', function* (context) {
  const { from, to } = context.df.getInput();
  using lock = yield context.df.lock(account(from), account(to));
  return { ...(yield* move(context, context.df.getInput())), locked: lock.ownedLocks.length };
});

df.app.orchestration('nestedLock', function* (context) {
  const lock = yield context.df.lock(account('n1'));
  try {
    yield context.df.lock(account('n2'));
    return 'it got a second lock';
  } finally {
    lock.release();
  }
});

// Holds the lock for some time, and tells between which times.
df.app.orchestration('holdLock', function* (context) {
  const { key, ms } = context.df.getInput();
  const lock = yield context.df.lock(account(key));
  try {
    const from = context.df.currentUtcDateTime.getTime();
    yield context.df.createTimer(new Date(from + ms));
    return [from, context.df.currentUtcDateTime.getTime()];
  } finally {
    lock.release();
  }
});
