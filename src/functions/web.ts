import { app } from '@azure/functions';
import { services } from '../shared/services.ts';
import { answerWeb } from '../shared/web/answer-web.ts';

/** GET /app/…: the web app. Anyone may load it; what it shows comes from the API, which asks who is there. */
app.http('web', {
  methods: ['GET', 'HEAD'],
  route: 'app/{*path}',
  authLevel: 'anonymous',
  handler: async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/app') return { status: 308, headers: { location: '/app/' } };
    const { files, security } = services().web;
    return answerWeb(request, request.params.path ?? '', files, security);
  },
});

/** GET /: to the web app. A route cannot be empty, so it is a parameter of no characters. */
app.http('home', {
  methods: ['GET', 'HEAD'],
  route: '{nothing:maxlength(0)?}',
  authLevel: 'anonymous',
  handler: async () => ({ status: 302, headers: { location: '/app/' } }),
});
