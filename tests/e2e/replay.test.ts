import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApiFile, ApiRun } from '../../scripts/api-client.ts';
import { ROOT } from '../../scripts/stack/endpoints.ts';
import type { Preview } from '../../src/shared/backfill/preview-backfill.ts';
import { balances } from '../../src/shared/ledger/file-record.ts';
import type { QuarantineCounts } from '../../src/shared/quarantine/count-quarantined.ts';
import type { QuarantinedRow } from '../../src/shared/quarantine/quarantined-row.ts';
import { type Digest, digest } from './support/digest.ts';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';

const RULE = 'not-too-far';
const FEBRUARY = 'flights/2013-02.csv';
const MARCH = 'flights/2013-03.csv';
const LINES = readFileSync(join(FLIGHTS, '2013-02.csv'), 'utf8').split('\n').slice(0, 3001);
const FAR = LINES.map((text, index) => ({ text, line: index + 1 })).filter(
  ({ text, line }) => line > 1 && Number(text.split(',')[LINES[0]?.split(',').indexOf('distance') ?? 0]) >= 1500,
);

interface Entry extends ApiFile {
  readonly contractVersion?: string;
  readonly replay?: { readonly of: string; readonly number: number; readonly backfill?: string };
  readonly replacedBy?: { readonly id: string; readonly batch: string };
}

interface Replay {
  readonly files: readonly { readonly id: string; readonly path: string; readonly replaces: string }[];
  readonly leftOut: readonly { readonly path: string; readonly reason: string }[];
  readonly more: boolean;
}

/** The datasets with a rule in the flights' contract that wrongly refuses some of February. */
function strictDatasets(): string {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-datasets-'));
  cpSync(join(ROOT, 'datasets'), folder, { recursive: true });
  const file = join(folder, 'flights', 'dataset.yaml');
  const rule = `
  - name: ${RULE}
    expression: month = 1 OR distance < 1500
    outcome: quarantine
    description: Nobody flies as far as that
`;
  writeFileSync(file, readFileSync(file, 'utf8').replace('\nrules:\n', `\nrules:${rule}`));
  return folder;
}

/** More of February, of which no rule refuses anything. */
const REST = 'flights/2013-02-rest.csv';
const REST_LINES = readFileSync(join(FLIGHTS, '2013-02.csv'), 'utf8')
  .split('\n')
  .slice(3001, 5001)
  .filter((text) => Number(text.split(',')[LINES[0]?.split(',').indexOf('distance') ?? 0]) < 1500)
  .slice(0, 1000);

/** Lands January, from which the model learns, then February in two files. */
async function landBoth(stack: TestStack, rest = REST_LINES): Promise<Entry> {
  const january = await stack.correctedMonth('2013-01.csv', (lines) => lines.slice(0, 3000));
  expect(await stack.land({ 'flights/2013-01.csv': january })).toMatchObject([{ status: 'published' }]);
  const [february] = await Promise.all([
    stack.landText(FEBRUARY, `${LINES.join('\n')}\n`),
    stack.landText(REST, `${[LINES[0], ...rest].join('\n')}\n`),
  ]);
  return february;
}

/** How many rows of it are really wrong, until they are corrected. */
const WRONG = 5;
/** Where rows came from: of corrected rows another file, and after a replay another batch. */
const ORIGIN = ['_batch', '_file', '_line'];

function misspell(text: string): string {
  return text.replace('2013,2', '2013,two');
}

/** Downloads the refused rows of a file, puts them right, and lands them under the name of the download. */
async function correct(stack: TestStack, path: string): Promise<Entry> {
  const response = await fetch(
    `${stack.api.url}/quarantine/download?dataset=flights&file=${encodeURIComponent(path)}`,
    {
      headers: { 'x-functions-key': stack.api.key },
    },
  );
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return stack.landText(`flights/${name}`, (await response.text()).replaceAll('2013,two', '2013,2'));
}

/** Lands March, all of it: its batch takes a while. */
function landMarch(stack: TestStack): Promise<Entry> {
  return stack.landText(MARCH, readFileSync(join(FLIGHTS, '2013-03.csv')));
}

describe('rows that a wrong rule refused', () => {
  const strict = strictDatasets();
  let clean: Digest;
  let stack: TestStack;
  let first: Entry;

  beforeAll(async () => {
    stack = await startTestStack();
    await landBoth(stack);
    await landMarch(stack);
    clean = await digest(stack, ORIGIN);
    await stack.dispose();
    process.env.DATASETS_FOLDER = strict;
    stack = await startTestStack();
    first = await landBoth(
      stack,
      REST_LINES.map((text, index) => (index < WRONG ? misspell(text) : text)),
    );
    await correct(stack, REST);
  });
  afterAll(async () => {
    delete process.env.DATASETS_FOLDER;
    await stack.dispose();
    rmSync(strict, { recursive: true, force: true });
  });

  const replay = async (body: object): Promise<{ status: number; body: Replay }> => {
    const response = await fetch(`${stack.api.url}/quarantine/replay`, {
      method: 'POST',
      headers: { 'x-functions-key': stack.api.key },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Replay };
  };
  const entries = (): Promise<Entry[]> => stack.client.all<Entry>('/files?dataset=flights');
  const until = async (is: (entry: Entry) => boolean): Promise<Entry> => {
    for (let tries = 0; tries < 2400; tries++) {
      const entry = (await entries()).find(is);
      if (entry !== undefined) return entry;
      await sleep(50);
    }
    throw new Error(`no such entry came: ${JSON.stringify(await entries())}`);
  };

  const start = (token: string): Promise<{ readonly id: string }> => stack.client.post('/backfill', { token });
  const ended = async (id: string): Promise<ApiRun> => {
    for (let tries = 0; tries < 1200; tries++) {
      const run = await stack.client.get<ApiRun>(`/runs/${id}`);
      if (run.status !== 'running') return run;
      await sleep(50);
    }
    throw new Error(`${id} has not ended`);
  };

  test('are listed with place, text and reason, page by page, and counted by rule and file', async () => {
    expect(first).toMatchObject({ status: 'published', rows: { read: 3000, quarantined: FAR.length } });
    const run = await stack.client.get<{ reasons: unknown[] }>(`/runs/${first.batch}`);
    expect(run.reasons).toContainEqual({ rule: RULE, rows: FAR.length });
    const url = `/quarantine?dataset=flights&file=${encodeURIComponent(FEBRUARY)}`;
    const rows = await stack.client.all<QuarantinedRow>(url);
    expect(rows.map(({ line, raw }) => ({ line, text: raw }))).toEqual(FAR.map(({ line, text }) => ({ line, text })));
    expect(rows[0]).toMatchObject({
      ...{ dataset: 'flights', file: FEBRUARY, batch: first.batch, rule: RULE, etag: first.etag },
      reason: expect.stringContaining('Nobody flies as far as that'),
      contractVersion: expect.any(String),
    });
    const page = await stack.client.get<{ items: QuarantinedRow[]; next: string }>(
      '/quarantine?dataset=flights&limit=7',
    );
    expect(page.items).toEqual(rows.slice(0, 7));
    const second = await stack.client.get<{ items: unknown[] }>(
      `/quarantine?dataset=flights&rule=${RULE}&limit=5&cursor=${page.next}`,
    );
    expect(second.items).toEqual(rows.slice(7, 12));
    expect(await stack.client.all('/quarantine?dataset=flights&rule=date-exists')).toEqual([]);
    const counts = await stack.client.get<QuarantineCounts>('/quarantine/counts?dataset=flights');
    expect(counts).toMatchObject({
      ...{ rows: FAR.length, complete: true, rules: [{ rule: RULE, rows: FAR.length, files: 1 }] },
      files: [{ file: FEBRUARY, batch: first.batch, read: 3000, rows: FAR.length }],
    });
  });

  test('are given back as a CSV file with the header of theirs', async () => {
    const response = await fetch(
      `${stack.api.url}/quarantine/download?dataset=flights&file=${encodeURIComponent(FEBRUARY)}`,
      { headers: { 'x-functions-key': stack.api.key } },
    );
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="2013-02.quarantined.csv"');
    expect(await response.text()).toBe(`${[LINES[0], ...FAR.map(({ text }) => text)].join('\n')}\n`);
  });

  test('stay where they are while the contract is the same', async () => {
    expect(await replay({ dataset: 'flights' })).toMatchObject({ status: 200, body: { files: [], leftOut: [] } });
    const named = await replay({ dataset: 'flights', files: [FEBRUARY, 'flights/none.csv'] });
    expect(named).toMatchObject({
      status: 200,
      body: {
        files: [],
        leftOut: [
          { path: FEBRUARY, reason: expect.stringContaining('nothing would change') },
          { path: 'flights/none.csv', reason: expect.stringContaining('knows no version') },
        ],
      },
    });
  });

  test('are in the books of their file alone after a replay under the right rules', async () => {
    expect(await digest(stack, ORIGIN)).not.toMatchObject({ lake: clean.lake });
    delete process.env.DATASETS_FOLDER;
    await stack.restart();
    const march = landMarch(stack);
    await until(({ path, status }) => path === MARCH && status === 'processing');
    const begun = await Promise.all([replay({ dataset: 'flights', rule: RULE }), replay({ dataset: 'flights' })]);
    expect(begun.map(({ status, body }) => [status, body.files.length])).toEqual([
      [202, 1],
      [202, 1],
    ]);
    const [again] = begun[0]?.body.files ?? [];
    expect(again).toMatchObject({ path: FEBRUARY, replaces: first.id });
    expect(begun[1]?.body.files).toEqual(begun[0]?.body.files);
    const entry = await until(({ id, status }) => id === again?.id && !['arrived', 'processing'].includes(status));
    expect(entry).toMatchObject({
      ...{ status: 'published', landedAt: first.landedAt, replay: { of: first.id, number: 1 } },
      rows: { read: 3000, loaded: 3000, quarantined: 0 },
    });
    expect(entry.rows !== undefined && balances(entry.rows)).toBe(true);
    const of = (await entries()).find(({ id }) => id === first.id);
    expect(of).toMatchObject({ rows: first.rows, replacedBy: { id: entry.id, batch: entry.batch } });
    // The batch of March was at work when the replay was asked for: that waited for its end.
    const [before, after] = await Promise.all(
      [await march, entry].map(({ batch }) => stack.client.get<ApiRun>(`/runs/${batch}`)),
    );
    expect(Date.parse(after?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(before?.endedAt ?? ''));
  });

  test('are in lake, warehouse and insights then, as are those that were corrected, as if all had been right at first; and after a backfill of the files beside theirs too', async () => {
    const { books: _, ...expected } = clean;
    const { books: __, ...replayed } = await digest(stack, ORIGIN);
    expect(replayed).toEqual(expected);
    const old = (await entries()).filter(({ path }) => path === REST);
    const preview = await stack.client.post<Preview>('/backfill/preview', {
      dataset: 'flights',
      path: 'flights/2013-0*',
    });
    expect(preview).toMatchObject({
      ...{ files: 3, rows: 3000 + REST_LINES.length + WRONG, quarantined: WRONG, runs: 2 },
      contracts: [{ version: old[0]?.contractVersion, files: 3 }],
      leftOut: [{ files: 2, reason: expect.stringContaining('present version') }],
      canary: { path: REST, rows: REST_LINES.length },
      estimatedSeconds: expect.any(Number),
    });
    expect(preview.insights).toContainEqual({
      ...{ dataset: 'flights', insight: 'carrier-punctuality', rows: expect.any(Number) },
    });
    expect(await entries()).toHaveLength(6); // nothing has begun
    const { token } = preview;
    const [{ id }, again] = [await start(token), await start(token)];
    expect(again).toEqual({ id, href: `/api/runs/${id}` });
    const run = await ended(id);
    expect(run).toMatchObject({
      ...{ kind: 'backfill', status: 'succeeded', files: 3 },
      backfill: {
        outcome: { path: REST, passed: true, rules: [{ rule: 'type', before: WRONG, after: WRONG }] },
        progress: { published: 3, failed: 0, leftOut: 0, after: { read: preview.rows, quarantined: WRONG } },
      },
    });
    const mine = (await entries()).filter(({ replay }) => replay?.backfill === id);
    const batches = mine.toSorted((a, b) => (a.batch ?? '').localeCompare(b.batch ?? '')).map(({ path }) => path);
    expect(batches).toHaveLength(3);
    expect(batches[0]).toBe(REST);
    const { books: ___, ...backfilled } = await digest(stack, ORIGIN);
    expect(backfilled).toEqual(expected);
    await expect(start(`${token.slice(0, -8)}AAAAAAAA`)).rejects.toThrow('400');
    const empty = await stack.client.post<Preview>('/backfill/preview', { dataset: 'flights' });
    expect(empty).toMatchObject({ files: 0, runs: 0 });
    await expect(start(empty.token)).rejects.toThrow('409');
  });

  test('no longer count then, yet can be looked up by their batch, and a second replay finds nothing to do', async () => {
    expect(await stack.client.all('/quarantine?dataset=flights')).toEqual([]);
    const ofBatch = `/quarantine?dataset=flights&batch=${first.batch}&file=${encodeURIComponent(FEBRUARY)}`;
    expect(await stack.client.all(ofBatch)).toHaveLength(FAR.length);
    expect(await replay({ dataset: 'flights' })).toMatchObject({ status: 200, body: { files: [], leftOut: [] } });
  });
});

describe('rows that were wrong', () => {
  const path = 'flights/dirty.csv';
  const [header = '', ...rows] = LINES.slice(0, 201);
  let stack: TestStack;

  beforeAll(async () => {
    stack = await startTestStack();
    const file = await stack.landText(
      path,
      `${[header, ...rows.slice(0, 3).map(misspell), ...rows.slice(3)].join('\n')}\n`,
    );
    expect(file).toMatchObject({ status: 'published', rows: { read: 200, loaded: 197, quarantined: 3 } });
  });
  afterAll(() => stack.dispose());

  const counts = (): Promise<QuarantineCounts> => stack.client.get('/quarantine/counts?dataset=flights');
  const loaded = async (): Promise<unknown> =>
    (await stack.client.all<{ flights: number }>('/insights/flights/carrier-punctuality')).reduce(
      (sum, { flights }) => sum + flights,
      0,
    );

  test('are loaded when they are corrected in their download and land under its name, and no longer count', async () => {
    expect(await correct(stack, path)).toMatchObject({
      path: 'flights/dirty.quarantined.csv',
      rows: { read: 3, loaded: 3 },
    });
    expect(await loaded()).toBe(200);
    expect(await counts()).toMatchObject({ rows: 0, files: [] });
    expect(await stack.client.all('/quarantine?dataset=flights')).toEqual([]);
  });

  test('are loaded once when the whole file lands again without them, too', async () => {
    const file = await stack.landText(path, `${[header, ...rows].join('\n')}\n`);
    expect(file).toMatchObject({ status: 'published', rows: { read: 200, loaded: 197, duplicates: 3 } });
    expect(await counts()).toEqual({ rows: 0, rules: [], files: [], fileCount: 0, complete: true });
    expect(await loaded()).toBe(200);
  });
});
