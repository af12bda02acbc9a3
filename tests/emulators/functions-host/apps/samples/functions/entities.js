import * as df from 'durable-functions';

df.app.entity('counterEntity', async (context) => {
  await Promise.resolve();
  const value = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(value + context.df.getInput());
      break;
    case 'reset':
      context.df.setState(0);
      break;
    case 'get':
      context.df.return(value);
      break;
    case 'delete':
      context.df.destructOnExit();
      break;
    default:
      throw new Error(`a counter cannot ${context.df.operationName}`);
  }
});

df.app.orchestration('countOnce', function* (context) {
  const counter = new df.EntityId('counterEntity', context.df.getInput());
  const value = yield context.df.callEntity(counter, 'get');
  if (value < 3) {
    yield context.df.callEntity(counter, 'add', 1);
  }
  return value;
});

df.app.orchestration('callsWrongly', function* (context) {
  const counter = new df.EntityId('counterEntity', 'wrong');
  try {
    return yield context.df.callEntity(counter, 'dance');
  } catch {
    return `caught, and the counter is at ${yield context.df.callEntity(counter, 'get')}`;
  }
});

const prices = new Map([
  ['book', 12],
  ['pen', 2],
  ['lamp', 40],
]);
df.app.entity('cartEntity', (context) => {
  const cart = context.df.getState(() => ({ lines: {} }));
  const { item, quantity } = context.df.getInput() ?? {};
  switch (context.df.operationName) {
    case 'add':
      cart.lines[item] = (cart.lines[item] ?? 0) + quantity;
      break;
    case 'remove':
      delete cart.lines[item];
      break;
    case 'value':
      context.df.return(Object.entries(cart.lines).reduce((sum, [name, count]) => sum + prices.get(name) * count, 0));
      break;
  }
  context.df.setState(cart);
});
df.app.orchestration('shopping', function* (context) {
  const cart = new df.EntityId('cartEntity', context.df.instanceId);
  yield context.df.callEntity(cart, 'add', { item: 'book', quantity: 1 });
  yield context.df.callEntity(cart, 'add', { item: 'lamp', quantity: 2 });
  yield context.df.callEntity(cart, 'add', { item: 'pen', quantity: 10 });
  yield context.df.callEntity(cart, 'remove', { item: 'lamp' });
  return yield context.df.callEntity(cart, 'value');
});
