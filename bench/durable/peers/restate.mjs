// A service of Restate that runs durable steps, one after the other. node restate.mjs
import { createServer } from 'node:http2';
import { createEndpointHandler, service } from '@restatedev/restate-sdk';

const bench = service({
  name: 'bench',
  handlers: {
    sequence: async (context, steps) => {
      let count = 0;
      while (count < steps) {
        const before = count;
        count = await context.run('increment', () => before + 1);
      }
      return count;
    },
  },
});
const server = createServer(createEndpointHandler({ services: [bench] }));
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
