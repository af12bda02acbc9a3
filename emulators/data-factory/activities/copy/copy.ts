import type { Dataset } from '../../connectors/connections.ts';
import { openFiles } from '../../connectors/file-store.ts';
import { isSqlService } from '../../connectors/sql-connection.ts';
import { DefinitionError, type JsonObject, objectField } from '../../definitions/json.ts';
import type { ActivityContext, ActivityRunner } from '../../engine/activity-context.ts';
import { toPlain } from '../../expressions/index.ts';
import type { Table } from '../../formats/table.ts';
import { targetPath, uploadFile, writeTableFile } from './sink.ts';
import { openContent, type ReadStatistics, withSource } from './source.ts';
import { writeSqlTable } from './sql-sink.ts';
import { readTranslator, translated } from './translator.ts';

interface Transfer {
  readonly read: ReadStatistics;
  readonly rows?: number;
  readonly bytesWritten: number;
  readonly filesWritten?: number;
}

/** Copy: rows from a database or files to files or a database, or files as they are. */
export const copy: ActivityRunner = async (context) => {
  const { activity, connections, run } = context;
  const evaluate = (document: unknown): unknown => toPlain(context.evaluate(document));
  const [input, output] = [activity.inputs[0], activity.outputs[0]];
  const from = connections.dataset(run.factory, input, evaluate);
  const to = connections.dataset(run.factory, output, evaluate);
  const properties = context.properties();
  const [source, sink] = [objectField(properties, 'source'), objectField(properties, 'sink')];
  context.setInput({ ...properties, source, sink });
  const began = Date.now();
  const isBinary = from.type === 'Binary' || to.type === 'Binary';
  if (isBinary && from.type !== to.type)
    throw new DefinitionError('A Binary dataset can only be copied to a Binary dataset.');
  const transfer = isBinary
    ? await copyFiles(context, from, to, source, sink)
    : await copyRows(context, from, to, properties);
  return { output: describe(transfer, from, to, began) };
};

async function copyRows(
  context: ActivityContext,
  from: Dataset,
  to: Dataset,
  properties: JsonObject,
): Promise<Transfer> {
  const translator = readTranslator(properties.translator);
  const sink = objectField(properties, 'sink');
  return withSource(context, from, objectField(properties, 'source'), translator, async (table, read) => {
    let rows = 0;
    async function* counted(batches: Table['batches']) {
      for await (const batch of batches) {
        context.signal.throwIfAborted();
        rows += batch.length;
        yield batch;
      }
    }
    const mapped = translated(table, translator);
    const flow = { columns: mapped.columns, batches: counted(mapped.batches) };
    if (isSqlService(to.linkedService)) {
      await writeSqlTable(context, to, sink, flow);
      return { read, rows, bytesWritten: read.bytes };
    }
    const bytesWritten = await writeTableFile(context, to, sink, flow);
    return { read, rows, bytesWritten, filesWritten: 1 };
  });
}

async function copyFiles(
  context: ActivityContext,
  from: Dataset,
  to: Dataset,
  source: JsonObject,
  sink: JsonObject,
): Promise<Transfer> {
  const store = openFiles(from, context.connections.credentials);
  const files = await store.list(objectField(source, 'storeSettings'), context.signal);
  const read: ReadStatistics = { bytes: 0, files: files.length };
  let bytesWritten = 0;
  for (const file of files) {
    const content = await openContent(from, file, context.signal, read);
    bytesWritten += await uploadFile(context, to, targetPath(to, file, sink, files.length === 1), content);
  }
  return { read, bytesWritten, filesWritten: files.length };
}

/** What a Copy's activity run shows, in the service's fields. */
function describe({ read, rows, bytesWritten, filesWritten }: Transfer, from: Dataset, to: Dataset, began: number) {
  const seconds = Math.max(1, Math.ceil((Date.now() - began) / 1000));
  const fromFiles = !isSqlService(from.linkedService);
  return {
    dataRead: read.bytes,
    dataWritten: bytesWritten,
    ...(fromFiles ? { filesRead: read.files } : {}),
    ...(filesWritten === undefined ? {} : { filesWritten }),
    sourcePeakConnections: 1,
    sinkPeakConnections: 1,
    ...(rows === undefined ? {} : { rowsRead: rows, rowsCopied: rows, rowsSkipped: 0 }),
    copyDuration: seconds,
    throughput: Math.round((read.bytes / 1024 / seconds) * 1000) / 1000,
    errors: [],
    effectiveIntegrationRuntime: 'AutoResolveIntegrationRuntime (local)',
    usedDataIntegrationUnits: 1,
    usedParallelCopies: 1,
    executionDetails: [
      {
        source: { type: from.linkedService.type },
        sink: { type: to.linkedService.type },
        status: 'Succeeded',
        start: new Date(began).toISOString(),
        duration: seconds,
        usedDataIntegrationUnits: 1,
        usedParallelCopies: 1,
      },
    ],
  };
}
