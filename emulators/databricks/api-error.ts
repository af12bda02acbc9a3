/** An error that is answered in Databricks' shape, `{"error_code", "message"}`, under the given HTTP status. */
export class ApiError extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 500;
  readonly errorCode: string;

  constructor(status: ApiError['status'], errorCode: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.errorCode = errorCode;
  }
}

/** A request that cannot be understood or names something unusable. */
export function invalidParameter(message: string): ApiError {
  return new ApiError(400, 'INVALID_PARAMETER_VALUE', message);
}

/** A request that comes at the wrong moment of a run's life. */
export function invalidState(message: string): ApiError {
  return new ApiError(400, 'INVALID_STATE', message);
}

/** Not 404: the service answers 400, and its SDKs recognise the missing job by this very text. */
export function jobDoesNotExist(jobId: number): ApiError {
  return invalidParameter(`Job ${jobId} does not exist.`);
}

/** Not 404: the service answers 400, and its SDKs recognise the missing run by this very text. */
export function runDoesNotExist(runId: number): ApiError {
  return invalidParameter(`Run ${runId} does not exist.`);
}
