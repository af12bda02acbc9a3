import http from 'node:http';

/** What a call gave, and the HTTP server that was made while it ran. */
export interface Captured<T> {
  readonly result: T;
  readonly server: http.Server | undefined;
}

/**
 * Runs a call of the library and gets hold of the HTTP server that it makes meanwhile. The library takes streamed requests
 * on a server of its own, to which the real host, another process, sends them on; in this process they can be handed
 * to that server as they are, without a second connection.
 */
export async function captureServer<T>(call: () => Promise<T>): Promise<Captured<T>> {
  const { createServer } = http;
  let server: http.Server | undefined;
  const capturing = (...options: Parameters<typeof createServer>): http.Server => {
    server = createServer(...options);
    return server;
  };
  Object.assign(http, { createServer: capturing });
  try {
    return { result: await call(), server };
  } finally {
    Object.assign(http, { createServer });
  }
}
