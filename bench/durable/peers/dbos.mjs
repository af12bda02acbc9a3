// A workflow of DBOS that runs durable steps, one after the other, behind HTTP. node dbos.mjs POSTGRES_URL
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { DBOS } from '@dbos-inc/dbos-sdk';

const sequence = DBOS.registerWorkflow(
  async (steps) => {
    let count = 0;
    while (count < steps) {
      const before = count;
      count = await DBOS.runStep(async () => before + 1, { name: 'increment' });
    }
    return count;
  },
  { name: 'sequence' },
);
DBOS.setConfig({ name: 'bench', systemDatabaseUrl: process.argv[2], runAdminServer: false, logLevel: 'error' });
await DBOS.launch();

const server = createServer(async (request, response) => {
  try {
    const handle = await DBOS.startWorkflow(sequence)(JSON.parse(await text(request)));
    response.end(JSON.stringify(await handle.getResult()));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
