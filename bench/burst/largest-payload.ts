import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The largest thing that Durable Functions had to carry, in bytes, and what it was. */
export interface Payload {
  readonly bytes: number;
  readonly what: string;
}

/**
 * Looks through all that the Functions host has kept: inputs and outputs of orchestrations, each event of their histories
 * (inputs and results of activities among them), states of entities.
 */
export function largestPayload(stateFolder: string): Payload {
  const database = new DatabaseSync(join(stateFolder, 'functions-host', 'functions-host.sqlite'), { readOnly: true });
  let largest: Payload = { bytes: 0, what: 'nothing' };
  const look = (what: string, text: unknown): void => {
    const bytes = typeof text === 'string' ? Buffer.byteLength(text) : 0;
    if (bytes > largest.bytes) largest = { bytes, what };
  };
  try {
    for (const { name, input, output } of database.prepare('SELECT name, input, output FROM instances').iterate()) {
      look(`input of ${name}`, input);
      look(`output of ${name}`, output);
    }
    for (const { id, state } of database.prepare('SELECT id, state FROM entities').iterate())
      look(`state of ${id}`, state);
    for (const { events } of database.prepare('SELECT events FROM history').iterate())
      for (const event of JSON.parse(String(events)) as readonly unknown[])
        look('an event of a history', JSON.stringify(event));
  } finally {
    database.close();
  }
  return largest;
}
