/** A request inside a Blob Batch. */
export interface BatchRequest {
  readonly contentId: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer inside a Blob Batch's answer. */
export interface BatchAnswer {
  readonly status: number;
  readonly requestId: string;
}

/** The `application/http` parts of a multipart/mixed body, as lines. Source: "Blob Batch" of the Blob service REST API. */
function parts(body: string): string[][] {
  const boundary = /^\s*(--\S+)/.exec(body)?.[1];
  if (boundary === undefined) return [];
  return body
    .split(boundary)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .map((part) => part.trim().split(/\r?\n/));
}

function headersOf(lines: readonly string[]): Record<string, string> {
  const pairs = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()] as const] : [];
  });
  return Object.fromEntries(pairs);
}

/** Reads the requests of a batch; parts that cannot be read are left out. */
export function parseBatchRequests(body: string): BatchRequest[] {
  return parts(body).flatMap((lines) => {
    const at = lines.findIndex((line) => / HTTP\/1\.1$/.test(line));
    const [method, target] = (lines[at] ?? '').split(' ');
    const contentId = headersOf(lines.slice(0, Math.max(at, 0)))['content-id'];
    if (method === undefined || target === undefined || contentId === undefined) return [];
    return [{ contentId, method, target, headers: headersOf(lines.slice(at + 1)) }];
  });
}

/** Reads the answers of a batch by the Content-ID of their request. */
export function parseBatchAnswers(body: string): Map<string, BatchAnswer> {
  const answers = new Map<string, BatchAnswer>();
  for (const lines of parts(body)) {
    const at = lines.findIndex((line) => line.startsWith('HTTP/1.1 '));
    const contentId = headersOf(lines.slice(0, Math.max(at, 0)))['content-id'];
    if (at < 0 || contentId === undefined) continue;
    const requestId = headersOf(lines.slice(at + 1))['x-ms-request-id'] ?? '';
    answers.set(contentId, { status: Number(lines[at]?.split(' ')[1]), requestId });
  }
  return answers;
}
