import { randomUUID } from 'node:crypto';

/** A refusal in Entra ID's words: the error of OAuth 2.0, and the number of the platform's own. */
export class OAuthError extends Error {
  readonly error: string;
  readonly code: number;
  readonly status: 400 | 401;
  constructor(error: string, code: number, message: string, status: 400 | 401 = 400) {
    super(message);
    this.name = 'OAuthError';
    this.error = error;
    this.code = code;
    this.status = status;
  }
}

/** The body of a refusal. Source: learn.microsoft.com/entra/identity-platform/reference-error-codes. */
export function errorBody({ error, code, message }: OAuthError): object {
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  const timestamp = new Date().toISOString().replace('T', ' ').replace(/\.\d+/, '');
  return {
    error,
    error_description: `AADSTS${code}: ${message} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: traceId,
    correlation_id: correlationId,
  };
}
