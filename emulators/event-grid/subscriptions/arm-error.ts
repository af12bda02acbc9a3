/** A refusal that the management routes turn into ARM's error document. */
export class ArmError extends Error {
  override readonly name = 'ArmError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A 400 for content that the service would refuse. */
export function invalid(message: string): ArmError {
  return new ArmError(400, 'InvalidRequest', message);
}
