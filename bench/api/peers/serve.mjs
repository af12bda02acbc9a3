// The peer: Fastify, which serves bodies that it has in memory. node serve.mjs BODIES.json
import { readFileSync } from 'node:fs';
import fastify from 'fastify';

const bodies = new Map(Object.entries(JSON.parse(readFileSync(process.argv[2], 'utf8'))));
const app = fastify();
app.get('/api/insights/:dataset/:insight', (request, reply) => {
  const found = bodies.get(request.url);
  if (found === undefined) return reply.code(404).send();
  return reply
    .header('content-type', 'application/json')
    .header('etag', found.etag)
    .header('cache-control', 'private, no-cache')
    .send(found.body);
});
await app.listen({ port: 0, host: '127.0.0.1' });
console.log(`listening on http://127.0.0.1:${app.server.address().port}`);
