/** An error that is answered in Azure Resource Manager's shape, `{"error": {"code", "message"}}`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/** The error of something that is not in the factory. */
export function notFound(what: string): ApiError {
  return new ApiError(404, 'EntityNotFound', `Entity ${what} not found.`);
}
