import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keys that the Functions host made at its first start. */
export interface HostKeys {
  readonly master: string;
  /** Opens HTTP functions. */
  readonly host: string;
  /** System keys of the webhooks of Event Grid and Durable Functions. */
  readonly eventGrid: string;
  readonly durable: string;
}

/** For a host that asks for none, as Core Tools do. */
export const NO_KEYS: HostKeys = { master: 'none', host: 'none', eventGrid: 'none', durable: 'none' };

/** Reads the keys of the Functions host whose state lies under a stack's state folder. */
export function readKeys(stateFolder: string): HostKeys {
  const keys = JSON.parse(readFileSync(join(stateFolder, 'functions-host', 'keys.json'), 'utf8')) as {
    readonly master: string;
    readonly hostDefault: string;
    readonly systemKeys: { readonly eventgrid_extension: string; readonly durabletask_extension: string };
  };
  return {
    master: keys.master,
    host: keys.hostDefault,
    eventGrid: keys.systemKeys.eventgrid_extension,
    durable: keys.systemKeys.durabletask_extension,
  };
}
