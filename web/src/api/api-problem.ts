/** What the API answered instead of what was asked for; the message is its own. */
export class ApiProblem extends Error {
  readonly status: number;
  constructor(status: number, detail: string) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
  }
}

/** The problem of an answer that is none of success. */
export async function readProblem(response: Response): Promise<ApiProblem> {
  const text = await response.text().catch(() => '');
  try {
    const { detail } = JSON.parse(text) as { readonly detail?: unknown };
    if (typeof detail === 'string') return new ApiProblem(response.status, detail);
  } catch {
    // not a problem document: the status has to say it
  }
  return new ApiProblem(response.status, `The server answered ${response.status}.`);
}

/** What to tell a person of anything thrown. */
export function explainError(error: unknown): string {
  if (error instanceof ApiProblem) {
    if (error.status === 403) return `Your account may not do this. ${error.message}`;
    return error.message;
  }
  if (error instanceof TypeError) return 'The server cannot be reached. Is there a network?';
  return error instanceof Error ? error.message : String(error);
}
