import { ReadableStream } from 'node:stream/web';
import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });
app.http('ticks', {
  route: 'ticks/{count}',
  authLevel: 'anonymous',
  handler: (request) => {
    let left = Number(request.params.count);
    const body = new ReadableStream({
      async pull(controller) {
        if (left-- === 0) {
          controller.close();
          return;
        }
        controller.enqueue(Buffer.from(`data: ${left}\n\n`));
        await new Promise((resolve) => setTimeout(resolve, 60));
      },
    });
    return { headers: { 'content-type': 'text/event-stream' }, body };
  },
});
app.http('upload', {
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    let size = 0;
    for await (const chunk of request.body) {
      size += chunk.length;
    }
    return { jsonBody: { size, header: request.headers.get('x-test'), q: request.query.get('q'), url: request.url } };
  },
});
app.http('throws', {
  authLevel: 'anonymous',
  handler: () => {
    throw new Error('no');
  },
});
app.http('nothing', { authLevel: 'anonymous', handler: () => undefined });
app.http('cached', { authLevel: 'anonymous', handler: () => ({ status: 304, headers: { etag: '"1"' } }) });
