import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadKeys } from '../../emulators/functions-host/core/keys.ts';

/** Keys of the Functions host. */
export interface HostKeys {
  readonly master: string;
  /** Opens HTTP functions. */
  readonly host: string;
  /** System keys of the webhooks of Event Grid and Durable Functions. */
  readonly eventGrid: string;
  readonly durable: string;
}

/** For a host that asks for none, as Core Tools do; the app then has the function key of local.settings.json. */
export function keysOfCoreTools(functionKey: string): HostKeys {
  return { master: 'none', host: functionKey, eventGrid: 'none', durable: 'none' };
}

/**
 * The keys of the Functions host whose state lies under a stack's state folder. They are made here when the host has not
 * run yet, by the host's own code: the app must be told its function key before it starts.
 */
export function readKeys(stateFolder: string): HostKeys {
  const folder = join(stateFolder, 'functions-host');
  mkdirSync(folder, { recursive: true });
  const keys = loadKeys(folder);
  return {
    master: keys.master,
    host: keys.hostDefault,
    eventGrid: keys.systemKeys.eventgrid_extension,
    durable: keys.systemKeys.durabletask_extension,
  };
}
