import { describe, expect, test } from '@jest/globals';
import type { Activities } from '../../../src/activities/activities.ts';
import type { Batch } from '../../../src/shared/ledger/batch.ts';
import { arrivalPlace, batchPlace, jobPlace } from '../../../src/shared/telemetry/span-place.ts';
import { NO_TELEMETRY, type SpanRecord } from '../../../src/shared/telemetry/telemetry.ts';
import { traceActivities } from '../../../src/shared/telemetry/trace-activities.ts';

const BATCH: Batch = { id: 'flights-00000001', dataset: 'flights', number: 1, files: { path: 'list', count: 2 } };
const FILES = ['a', 'b'].map((id) => ({ id }));
const ROWS = { read: 2, loaded: 1, quarantined: 1, duplicates: 0, superseded: 0 };

/** Activities of which each gives what a test says, and the spans that they emit. */
function traced(results: Record<string, () => unknown>, isOn = true) {
  const spans: SpanRecord[] = [];
  const activities = Object.fromEntries(
    Object.entries(results).map(([name, result]) => [name, async () => result()]),
  ) as unknown as Activities;
  const app = {
    telemetry: isOn
      ? { isOn, emit: (span: SpanRecord) => spans.push(span), flush: async () => undefined }
      : NO_TELEMETRY,
    runs: { get: async () => ({ startedAt: '2026-01-01T00:00:00Z' }) },
    databricks: { getRun: async () => ({ startedAt: '2026-01-01T00:00:01Z', endedAt: '2026-01-01T00:00:03Z' }) },
    lake: { readJson: async () => ({ seconds: { read: 0.5, total: 2 }, files: FILES }) },
  };
  return { activities, traced: traceActivities(activities, app as never), spans };
}

describe('traced activities', () => {
  test('are the very activities when telemetry is off', () => {
    const it = traced({ 'end-batch': () => null }, false);
    expect(it.traced).toBe(it.activities);
  });

  test('give what they gave, and are spans below their batch', async () => {
    const it = traced({ 'upsert-insights': () => 4 });
    expect(await it.traced['upsert-insights'](BATCH)).toBe(4);
    expect(it.spans).toMatchObject([{ name: 'upsert-insights', parent: batchPlace(BATCH) }]);
  });

  test('that fail say so by the name of the error alone: its text may quote a row', async () => {
    const it = traced({
      'upsert-insights': () => {
        throw new TypeError("value 'N14228' of a row");
      },
    });
    await expect(it.traced['upsert-insights'](BATCH)).rejects.toThrow('N14228');
    expect(it.spans).toMatchObject([{ failed: true, attributes: { 'landfall.error': 'TypeError' } }]);
    expect(JSON.stringify(it.spans)).not.toContain('N14228');
  });

  test('that see a Databricks run end emit it, with its own times and phases', async () => {
    const run = { request: { batch: BATCH, step: 'cleanse' as const, attempt: 1 }, runId: '7' };
    const states = ['active', 'failed'];
    const it = traced({ 'await-job': () => ({ state: states.shift() }) });
    await it.traced['await-job'](run);
    expect(it.spans).toHaveLength(1);
    await it.traced['await-job'](run);
    expect(it.spans[2]).toEqual({
      name: 'databricks cleanse',
      kind: 'client',
      at: jobPlace(BATCH, 'cleanse', 1),
      parent: batchPlace(BATCH),
      startedAt: new Date('2026-01-01T00:00:01Z'),
      endedAt: new Date('2026-01-01T00:00:03Z'),
      failed: true,
      attributes: expect.objectContaining({ 'databricks.run_id': '7', 'landfall.phase.read': 0.5 }),
    });
    expect(it.spans[1]?.parent).toEqual(jobPlace(BATCH, 'cleanse', 1));
  });

  test('that see a batch end emit it from its beginning, with its books', async () => {
    const it = traced({ 'end-batch': () => null });
    await it.traced['end-batch']({ batch: BATCH, status: 'failed', rows: ROWS, error: "a row: 'N14228'" });
    expect(it.spans[1]).toMatchObject({
      name: 'process-batch',
      at: batchPlace(BATCH),
      startedAt: new Date('2026-01-01T00:00:00Z'),
      failed: true,
      links: FILES.map(arrivalPlace),
      attributes: { 'landfall.files': 2, 'landfall.rows.read': 2, 'landfall.rows.quarantined': 1 },
    });
    expect(JSON.stringify(it.spans)).not.toContain('N14228');
  });

  test('that see a refresh of the model end emit it below the first batch, linked to the others', async () => {
    const publication = (batch: string) => ({ dataset: 'flights', batch, version: 1, publishedAt: '' });
    const it = traced({ 'record-refresh': () => null });
    await it.traced['record-refresh']({
      service: 'power-bi',
      publications: [publication('flights-00000001'), publication('flights-00000002')],
      ending: { startedAt: '2026-01-01T00:00:01Z', endedAt: '2026-01-01T00:00:02Z' },
    });
    expect(it.spans[1]).toMatchObject({
      name: 'refresh power-bi',
      parent: batchPlace(BATCH),
      links: [batchPlace({ id: 'flights-00000002' })],
      failed: false,
    });
  });
});
