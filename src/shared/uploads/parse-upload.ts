import type { Datasets } from '../contracts/load-datasets.ts';
import { RequestProblem } from '../http/problem.ts';

/** A file that someone wants to land. */
export interface UploadRequest {
  readonly path: string;
  readonly size: number;
  readonly dataset: string;
}

/** The most that one Put Blob takes. Source: learn.microsoft.com/rest/api/storageservices/put-blob. */
const LARGEST_BYTES = 5000 * 1024 * 1024;
const LONGEST_PATH = 512;

/** Letters, digits and a few signs; no segment begins with a dot, so nothing climbs out of its folder or hides. */
const SAFE_PATH = /^[A-Za-z0-9][A-Za-z0-9._=-]*(\/[A-Za-z0-9][A-Za-z0-9._=-]*)*$/;

/**
 * Parses the body of POST /api/uploads: `{path, size}`.
 * @throws RequestProblem 400 naming what is wrong, or the paths that are expected; 413 when the file is too large
 */
export function parseUpload(body: unknown, datasets: Datasets): UploadRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new RequestProblem(400, 'The body must be a JSON object with path and size.');
  const { path, size, ...rest } = body as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(rest);
  if (unknown.length > 0)
    throw new RequestProblem(400, `Unknown field ${unknown.join(', ')}; the body takes path, size.`);
  if (typeof path !== 'string' || path.length > LONGEST_PATH || !SAFE_PATH.test(path))
    throw new RequestProblem(
      400,
      `path must be a text such as flights/2013-01.csv: letters, digits, ., _, = and -, no part beginning with a dot, at most ${LONGEST_PATH} characters.`,
    );
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 1)
    throw new RequestProblem(400, 'size must be the number of bytes of the file, 1 or more.');
  if (size > LARGEST_BYTES)
    throw new RequestProblem(413, `A file of ${size} bytes is more than the ${LARGEST_BYTES} that one upload takes.`);
  const dataset = datasets.expecting(path)?.contract.dataset;
  if (dataset === undefined) {
    const patterns = datasets.all.map(({ contract }) => `${contract.arrival.path} (${contract.dataset})`).join(', ');
    throw new RequestProblem(400, `No dataset expects a file at '${path}'. Expected paths: ${patterns}.`);
  }
  return { path, size, dataset };
}
