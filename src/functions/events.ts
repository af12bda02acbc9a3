import { app } from '@azure/functions';
import { eventStream, parseLastEventId } from '../shared/changes/event-stream.ts';
import { endpoint } from '../shared/http/endpoint.ts';
import { services } from '../shared/services.ts';

// Without it the host would hold an answer back until it is complete.
app.setup({ enableHttpStream: true });

/** GET /api/events: files and runs as they change, as server-sent events; ends by itself, to be asked for again. */
endpoint('events', {
  method: 'GET',
  route: 'events',
  access: 'Insights.Read',
  handler: async (request) => ({
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
    body: eventStream(services().changes, parseLastEventId(request.headers.get('last-event-id'))),
  }),
});
