/** The id of a statement as the API gives it out: it carries when the statement began, so that its time can be limited. */
export interface StatementId {
  readonly id: string;
  readonly startedAt: number;
}

/** The text for a client. */
export function formatStatementId({ id, startedAt }: StatementId): string {
  return `${id}.${startedAt.toString(36)}`;
}

/** The parts of such a text; undefined when it is none. */
export function parseStatementId(text: string): StatementId | undefined {
  const parts = /^(?<id>[0-9a-f-]{36})\.(?<time>[0-9a-z]{1,10})$/.exec(text)?.groups;
  if (parts?.id === undefined || parts.time === undefined) return undefined;
  return { id: parts.id, startedAt: Number.parseInt(parts.time, 36) };
}
