import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { BlobServiceClient } from '@azure/storage-blob';
import type { ApiClient } from '../api-client.ts';
import { ROOT } from '../stack/endpoints.ts';
import { landBytes, landFolder } from './land-files.ts';
import { table } from './report.ts';

type Row = Readonly<Record<string, unknown>>;

/** Lands photographs, documents and recordings. Gives eTags by path. */
export function landMedia(blobs: BlobServiceClient): Promise<ReadonlyMap<string, string>> {
  return landFolder(blobs, join(ROOT, '.data', 'media'), 'media');
}

/** Where an access log ends now. */
export function endOf(accessLog: string): number {
  return existsSync(accessLog) ? statSync(accessLog).size : 0;
}

/** Lands the whole lines that an access log got since it was `from` bytes long. Gives eTags by path. */
export async function landAccessLog(
  blobs: BlobServiceClient,
  accessLog: string,
  from: number,
): Promise<ReadonlyMap<string, string>> {
  const written = readFileSync(accessLog).subarray(from);
  const path = `access-logs/functions-host/${new Date().toISOString().replaceAll(':', '-')}.log`;
  return new Map([[path, await landBytes(blobs, written.subarray(0, written.lastIndexOf('\n') + 1), path)]]);
}

/** Prints what became of the media. */
export async function showMedia(api: ApiClient, say: (line: string) => void): Promise<void> {
  await top(api, say, 'media/holdings', 'files', ['type', 'files', 'bytes', 'pages', 'seconds']);
  await top(api, say, 'media/duplicates', 'files', ['type', 'files', 'bytes_to_spare', 'paths']);
}

/** Prints what became of the requests. */
export async function showTraffic(api: ApiClient, say: (line: string) => void): Promise<void> {
  const columns = ['hour', 'method', 'route', 'requests', 'bytes', 'client_errors', 'server_errors'];
  await top(api, say, 'access-logs/traffic', 'requests', columns);
  const anomalies = await api.all<Row>('/insights/access-logs/anomalies');
  say(
    `\n  access-logs/anomalies: ${anomalies.length === 0 ? 'no hour stands out' : `${anomalies.length} hours stand out`}`,
  );
}

/** Prints the rows of an insight that have most of something. */
async function top(
  api: ApiClient,
  say: (line: string) => void,
  insight: string,
  most: string,
  columns: readonly string[],
): Promise<void> {
  const rows = await api.all<Row>(`/insights/${insight}`);
  say(`\n  ${insight}, most ${most} of ${rows.length}`);
  const items = rows.toSorted((a, b) => Number(b[most]) - Number(a[most]));
  for (const line of table({ items }, columns, 4)) say(line);
}
