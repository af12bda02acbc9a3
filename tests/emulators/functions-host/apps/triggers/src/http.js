const { app, HttpResponse } = require('@azure/functions');

const echo = async (request) => ({
  jsonBody: {
    method: request.method,
    url: request.url,
    params: request.params,
    query: Object.fromEntries(request.query),
    header: request.headers.get('x-test'),
    body: request.method === 'GET' ? null : await request.text(),
  },
});

app.http('echo', { route: 'echo/{id:int}/{rest?}', methods: ['GET', 'POST'], authLevel: 'anonymous', handler: echo });
app.http('echoMe', { route: 'echo/me', methods: ['GET'], authLevel: 'anonymous', handler: () => ({ body: 'me' }) });
app.http('files', { route: 'files/{*path}', authLevel: 'anonymous', handler: echo });
app.http('keyed', { authLevel: 'function', handler: () => ({ body: 'open' }) });
app.http('guarded', { authLevel: 'admin', handler: () => ({ body: 'open' }) });
app.http('nothing', { authLevel: 'anonymous', handler: () => undefined });
app.http('throws', {
  authLevel: 'anonymous',
  handler: () => {
    throw new Error('no');
  },
});
app.http('cookies', {
  authLevel: 'anonymous',
  handler: () =>
    new HttpResponse({
      status: 201,
      headers: { 'x-custom': 'yes' },
      cookies: [
        { name: 'a', value: 'b c', path: '/', httpOnly: true, sameSite: 'Lax' },
        {
          name: 'every',
          value: 'attribute',
          domain: 'example.com',
          path: '/x',
          expires: new Date('2030-01-01T00:00:00Z'),
          maxAge: 60,
          secure: true,
          httpOnly: true,
          sameSite: 'None',
        },
      ],
      body: Buffer.from([0, 1, 255]),
    }),
});
app.http('trace', { authLevel: 'anonymous', handler: (_request, { traceContext }) => ({ jsonBody: traceContext }) });
app.http('environment', {
  authLevel: 'anonymous',
  handler: () => ({
    jsonBody: Object.fromEntries(
      ['GREETING', 'TAKEN', 'WEBSITE_HOSTNAME', 'FUNCTIONS_WORKER_RUNTIME'].map((name) => [name, process.env[name]]),
    ),
  }),
});
app.hook.preInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') {
    const inner = context.functionHandler;
    context.functionHandler = async (...args) => ({ body: `before ${(await inner(...args)).body}` });
  }
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'hooked') {
    context.result = { body: `${context.result.body} after` };
  }
});
app.http('hooked', { authLevel: 'anonymous', handler: () => ({ body: 'call' }) });
app.http('rejects', {
  authLevel: 'anonymous',
  handler: () => {
    Promise.reject(new Error('nobody waits for this'));
    return { body: 'still here' };
  },
});
