/** A mistake in how the host is set up, which its user can put right. Shown as one line, without a stack. */
export class HostSetupError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'HostSetupError';
  }
}
