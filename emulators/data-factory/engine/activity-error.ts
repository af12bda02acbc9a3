/** An activity that failed, as its run shows it. */
export class ActivityError extends Error {
  override readonly name = 'ActivityError';
  readonly errorCode: string;
  readonly failureType: 'UserError' | 'SystemError';

  constructor(
    errorCode: string,
    message: string,
    options: { readonly failureType?: 'UserError' | 'SystemError'; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.errorCode = errorCode;
    this.failureType = options.failureType ?? 'UserError';
  }
}

/** Why work stops although nothing failed: somebody cancelled the run, or the emulator ends (and goes on later). */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  readonly kind: 'cancelled' | 'closing';

  constructor(kind: 'cancelled' | 'closing') {
    super(kind === 'cancelled' ? 'The run was cancelled.' : 'The emulator is closing.');
    this.kind = kind;
  }
}
