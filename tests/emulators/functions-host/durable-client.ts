import { eventually, type TestHost } from './start-host.ts';

/** A URL of the management API, with the key that it asks for. */
export const webhook = (host: TestHost, path: string) =>
  `${host.url}/runtime/webhooks/durabletask/${path}${path.includes('?') ? '&' : '?'}code=${host.keys.systemKeys.durabletask_extension}`;

export interface Status {
  readonly name: string;
  readonly instanceId: string;
  readonly runtimeStatus: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly createdTime: string;
}

/** Starts an orchestration of the test app through its own durable client, and waits for what it returns. */
export async function run(host: TestHost, name: string, input?: unknown, id = ''): Promise<unknown> {
  const response = await fetch(`${host.url}/api/run/${name}${id === '' ? '' : `/${id}`}`, {
    method: 'POST',
    ...(input === undefined ? {} : { body: JSON.stringify(input) }),
  });
  return response.json();
}

/** Calls a method of the test app's durable client. */
export async function client(host: TestHost, method: string, ...args: unknown[]): Promise<unknown> {
  const response = await fetch(`${host.url}/api/client`, { method: 'POST', body: JSON.stringify({ method, args }) });
  const answer = (await response.json()) as { ok: boolean; value?: unknown; error?: string };
  if (!answer.ok) {
    throw new Error(answer.error);
  }
  return answer.value;
}

export async function start(host: TestHost, name: string, input?: unknown, instanceId?: string): Promise<string> {
  return (await client(host, 'startNew', name, { input, instanceId })) as string;
}

export async function status(host: TestHost, id: string): Promise<Status> {
  return (await client(host, 'getStatus', id, {})) as Status;
}

/** The status of an instance once it is in one of these. */
export async function until(host: TestHost, id: string, ...wanted: string[]): Promise<Status> {
  return eventually(
    async () => {
      const now = await status(host, id);
      return wanted.includes(now.runtimeStatus) ? now : undefined;
    },
    `${id} to be ${wanted.join(' or ')}`,
  );
}

export const finished = (host: TestHost, id: string) => until(host, id, 'Completed', 'Failed', 'Terminated');
