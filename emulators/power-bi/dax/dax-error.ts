/** A query that cannot be answered, with a message in the engine's words where it has some. */
export class DaxError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DaxError';
  }
}

/** What the engine knows and this emulator does not; better than a wrong number. */
export function unsupported(what: string): DaxError {
  return new DaxError(`${what} is not supported by this emulator.`);
}
