import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay that can hold back what the server answers: the way to a source that is slow for as long as a test wants. */
export interface Gate {
  readonly port: number;
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** Opens a gate before a port of 127.0.0.1. */
export async function openGate(target: number): Promise<Gate> {
  const answering = new Set<Socket>();
  let isHeld = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    answering.add(upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
    upstream.on('close', () => answering.delete(upstream));
    upstream.on('data', (data) => client.write(data));
    if (isHeld) upstream.pause();
    client.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    hold() {
      isHeld = true;
      for (const socket of answering) socket.pause();
    },
    release() {
      isHeld = false;
      for (const socket of answering) socket.resume();
    },
    async close() {
      for (const socket of answering) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
