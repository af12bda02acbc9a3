import type { TestHost } from '../start-host.ts';
import type { Requests, Seen } from './scripted-client.ts';

interface Status {
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly historyEvents: readonly { readonly EventType: string; readonly Name?: string }[];
}

/** The client's requests over the HTTP API of a host. They reject with a TypeError when it is dead. */
export function requestsOver({ url, keys }: TestHost): Requests {
  const code = keys.systemKeys.durabletask_extension;
  const ask = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const address = new URL(`/runtime/webhooks/durabletask/${path}`, url);
    address.searchParams.set('code', code);
    const response = await fetch(address, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('{') || /^[\d"]/.test(text) ? JSON.parse(text) : undefined,
    };
  };
  const post = (path: string, body?: unknown) => ask('POST', path, body);
  return {
    see: async (id): Promise<Seen | undefined> => {
      const { status, body } = await ask('GET', `instances/${id}`);
      if (status === 404) {
        return undefined;
      }
      const { runtimeStatus, output, customStatus } = body as Status;
      return { status: runtimeStatus, output, customStatus };
    },
    past: async (id) => {
      const { historyEvents } = (await ask('GET', `instances/${id}?showHistory=true`)).body as Status;
      const heard = historyEvents.flatMap(({ EventType, Name = '' }) => (EventType === 'EventRaised' ? [Name] : []));
      const wasSuspended = historyEvents.some(({ EventType }) => EventType === 'ExecutionSuspended');
      return { heard, wasSuspended };
    },
    entity: async (key) => {
      const { status, body } = await ask('GET', `entities/counter/${key}`);
      return status === 404 ? undefined : Number(body);
    },
    start: (name, id, input) => post(`orchestrators/${name}/${id}`, input),
    raise: (id, name, value) => post(`instances/${id}/raiseEvent/${name}`, value),
    terminate: (id, reason) => post(`instances/${id}/terminate?reason=${reason}`),
    suspend: (id) => post(`instances/${id}/suspend?reason=wait`),
    resume: (id) => post(`instances/${id}/resume?reason=go`),
    rewind: (id) => post(`instances/${id}/rewind?reason=mended`),
    purge: (id) => ask('DELETE', `instances/${id}`),
    signal: (key, operation, value) => post(`entities/counter/${key}?op=${operation}`, value),
  };
}
