/** What the client knows of an instance: what the host has on disk. */
export interface Seen {
  readonly status: string;
  readonly output: unknown;
  readonly customStatus: unknown;
}

export interface Past {
  /** Names of the external events in the history. */
  readonly heard: readonly string[];
  readonly wasSuspended: boolean;
}

/** The requests that a client makes of a host. Each resolves once it is answered. */
export interface Requests {
  see(id: string): Promise<Seen | undefined>;
  /** The history of an instance that there is. */
  past(id: string): Promise<Past>;
  entity(key: string): Promise<number | undefined>;
  start(name: string, id: string, input: unknown): Promise<unknown>;
  raise(id: string, name: string, value: unknown): Promise<unknown>;
  terminate(id: string, reason: string): Promise<unknown>;
  suspend(id: string): Promise<unknown>;
  resume(id: string): Promise<unknown>;
  rewind(id: string): Promise<unknown>;
  purge(id: string): Promise<unknown>;
  signal(key: string, operation: string, value: number): Promise<unknown>;
}

const isOver = (seen: Seen | undefined) => ['Completed', 'Failed', 'Terminated'].includes(seen?.status ?? '');

/**
 * A client that decides by what it sees, and so goes on where it was with whichever host answers: the same request may
 * come twice when nobody heard the first answer. Gives whether all is over.
 */
export async function actOnce(host: Requests, base: string): Promise<boolean> {
  await startAll(host, base);
  await Promise.all([disturbMain(host), disturbOthers(host), mend(host), startOver(host)]);
  const all = await Promise.all(
    ['main', 'early', 'paused', 'victim', 'heir', 'broken', 'again', 'restarted'].map((id) => host.see(id)),
  );
  const [broken, again] = [all[5], all[6]];
  const isPurged = (await host.see('purged')) === undefined;
  const isHeard = (await host.entity('client')) !== undefined;
  return all.every(isOver) && broken?.status === 'Completed' && again?.output === 'second' && isPurged && isHeard;
}

async function startAll(host: Requests, base: string): Promise<void> {
  const main = await host.see('main');
  // Before the others, so that its absence later means that it was purged.
  if (main === undefined && (await host.see('purged')) === undefined) {
    await host.start('echo', 'purged', 'to be forgotten');
  }
  const wanted: readonly (readonly [string, string, unknown])[] = [
    ['everything', 'main', { round: 0, base }],
    ['early', 'early', null],
    ['paused', 'paused', null],
    ['victim', 'victim', null],
    ['broken', 'broken', null],
    ['echo', 'again', 'first'],
  ];
  for (const [name, id, input] of wanted) {
    if ((await host.see(id)) === undefined) {
      await host.start(name, id, input);
    }
  }
  if ((await host.entity('client')) === undefined) {
    await host.signal('client', 'set', 5);
  }
}

async function disturbMain(host: Requests): Promise<void> {
  const [main, purged] = await Promise.all([host.see('main'), host.see('purged')]);
  const isWaiting = main?.status === 'Running' && main.customStatus === 'waiting';
  if (isWaiting && !(await host.past('main')).heard.includes('go')) {
    await host.raise('main', 'go', 'now');
  }
  if (main !== undefined && purged?.status === 'Completed') {
    await host.purge('purged');
  }
}

async function disturbOthers(host: Requests): Promise<void> {
  const [early, paused, victim, heir] = await Promise.all(
    ['early', 'paused', 'victim', 'heir'].map((id) => host.see(id)),
  );
  if (!isOver(early) && !(await host.past('early')).heard.includes('hello')) {
    await host.raise('early', 'hello', 'you');
  }
  if (paused?.status === 'Suspended') {
    await host.raise('paused', 'kept', 'this');
    await host.resume('paused');
  } else if (!isOver(paused)) {
    await ((await host.past('paused')).wasSuspended ? host.raise('paused', 'kept', 'this') : host.suspend('paused'));
  }
  if (victim?.customStatus === 'holding') {
    if (heir === undefined) {
      await host.start('heir', 'heir', null);
    }
    if (!isOver(victim)) {
      await host.terminate('victim', 'enough');
    }
  }
}

async function mend(host: Requests): Promise<void> {
  if ((await host.see('broken'))?.status === 'Failed') {
    await host.rewind('broken');
  }
}

/** An id is used again once its instance is over; the input of that one is used again under another id. */
async function startOver(host: Requests): Promise<void> {
  const [again, restarted] = await Promise.all([host.see('again'), host.see('restarted')]);
  if (again?.status === 'Completed' && again.output === 'first') {
    await host.start('echo', 'again', 'second');
  }
  if (again?.output === 'second' && restarted === undefined) {
    await host.start('echo', 'restarted', 'second');
  }
}
