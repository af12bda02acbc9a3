import { HostSetupError } from '../core/errors.ts';
import type { FunctionRegistry, RegisteredFunction } from '../core/function-registry.ts';
import type { HostConfig } from '../core/host-config.ts';
import type { Invoker } from '../core/invoker.ts';
import { type Logger, messageOf } from '../core/logger.ts';
import type { TriggerState } from '../core/trigger-state.ts';
import type { TakeEvents } from './event-grid-webhook.ts';
import type { TriggerListener, WriteNotices } from './listener.ts';

export interface ListenerPorts {
  readonly state: TriggerState;
  readonly invoker: Invoker;
  readonly logger: Logger;
  readonly config: HostConfig;
  readonly notices: WriteNotices;
}

/** The listeners of the app, by the names of their functions in small letters. */
export class Listeners {
  readonly #all: ReadonlyMap<string, TriggerListener>;

  constructor(all: readonly TriggerListener[]) {
    this.#all = new Map(all.map((listener) => [listener.target.name.toLowerCase(), listener]));
  }

  start(): void {
    for (const listener of this.#all.values()) {
      listener.start();
    }
  }

  async stop(patience: Promise<void>): Promise<void> {
    await Promise.all([...this.#all.values()].map((listener) => listener.stop(patience)));
  }

  /** Calls a function by hand; undefined when it has no listener. */
  run(functionName: string, input: string | null): Promise<unknown> | undefined {
    return this.#all.get(functionName.toLowerCase())?.run(input);
  }

  /** What takes the events for a function that has Event Grid announce its blobs, by the name in its webhook. */
  blobEvents(webhookName: string): TakeEvents | undefined {
    const name = webhookName.replace(/^Host\.Functions\./i, '').toLowerCase();
    const accept = this.#all.get(name)?.accept;
    return accept === undefined ? undefined : async (events) => accept(events);
  }
}

/**
 * Makes the listeners of queue, blob and Cosmos DB triggers. Only what some function uses is loaded.
 * @throws HostSetupError for a trigger that is malformed, or names a setting that does not exist.
 */
export async function loadListeners(registry: FunctionRegistry, ports: ListenerPorts): Promise<Listeners> {
  const all: TriggerListener[] = [];
  for (const target of registry.all()) {
    try {
      const listener = await loadListener(target, ports);
      if (listener !== undefined) {
        all.push(listener);
      }
    } catch (error) {
      throw new HostSetupError(
        `the ${target.trigger.type} of the function ${target.name} cannot be used: ${messageOf(error)}`,
        error,
      );
    }
  }
  return new Listeners(all);
}

async function loadListener(target: RegisteredFunction, ports: ListenerPorts): Promise<TriggerListener | undefined> {
  const { config } = ports;
  switch (target.trigger.type.toLowerCase()) {
    case 'queuetrigger': {
      const { QueueTrigger } = await import('./queue-trigger.ts');
      return new QueueTrigger(target, { ...ports, config: config.queues });
    }
    case 'blobtrigger': {
      const { BlobTrigger } = await import('./blob-trigger.ts');
      return new BlobTrigger(target, { ...ports, blobs: config.blobs, queues: config.queues });
    }
    case 'cosmosdbtrigger': {
      const { CosmosTrigger } = await import('./cosmos-trigger.ts');
      return new CosmosTrigger(target, ports);
    }
    default:
      return undefined;
  }
}
