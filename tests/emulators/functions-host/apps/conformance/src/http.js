import { ReadableStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { app } from '@azure/functions';

const anonymous = { authLevel: 'anonymous', methods: ['GET', 'POST'] };

async function greet(request) {
  return { body: `Hello, ${request.query.get('name') || (await request.text()) || 'world'}!` };
}

app.http('hello', { ...anonymous, handler: greet });
app.http('helloLater', {
  ...anonymous,
  handler: async (request) => {
    await sleep(Math.random() * 20);
    return greet(request);
  },
});
app.http('parameters', {
  ...anonymous,
  route: 'parameters/{name}/{id}',
  handler: ({ params }) => ({ jsonBody: params }),
});
app.http('headers', { ...anonymous, handler: ({ headers }) => ({ jsonBody: Object.fromEntries(headers) }) });
app.http('query', {
  ...anonymous,
  handler: ({ query }) => ({
    jsonBody: { all: Object.fromEntries(query), first: query.get('twice'), both: query.getAll('twice') },
  }),
});
app.http('cookies', {
  ...anonymous,
  handler: () => ({
    cookies: [
      { name: 'aged', value: 'v', maxAge: 200000 },
      { name: 'placed', value: 'v', path: '/', maxAge: '200000' },
      { name: 'over', value: 'v', maxAge: 0 },
      { name: 'lax', value: 'v', sameSite: 'Lax' },
      { name: 'strict', value: 'v', sameSite: 'Strict' },
    ],
  }),
});
app.http('count', {
  ...anonymous,
  handler: async (request) => {
    let size = 0;
    for await (const chunk of request.body) {
      size += chunk.length;
    }
    return { body: `got ${size}` };
  },
});
app.http('produce', {
  ...anonymous,
  handler: (request) => {
    const chunk = Buffer.alloc(65_536, 'x');
    let left = Number(request.query.get('size'));
    const body = new ReadableStream({
      pull(controller) {
        if (left <= 0) {
          controller.close();
          return;
        }
        controller.enqueue(chunk.subarray(0, Math.min(left, chunk.length)));
        left -= chunk.length;
      },
    });
    return { body };
  },
});
