import { gzipSync } from 'node:zlib';
import type { DatasetResource, LinkedServiceResource } from '@azure/arm-datafactory';
import type { ContainerClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Pool, removeDirectory, startPool } from '../synapse/pool.ts';
import { activity, after, FACTORY, type Factory, GROUP, newFactory } from './factory.ts';
import { ACCOUNT, KEY, pathsIn, type Storage, startStorage, textOf } from './storage.ts';

let storage: Storage;
let database: Pool;
let factory: Factory;
let data: ContainerClient;

beforeAll(async () => {
  [storage, database] = await Promise.all([startStorage(), startPool()]);
  data = await storage.container('data');
  factory = await newFactory({ accountKeys: { [ACCOUNT]: KEY } });
  const service = (name: string, properties: object) =>
    factory.client.linkedServices.createOrUpdate(GROUP, FACTORY, name, { properties } as LinkedServiceResource);
  await service('lake', { type: 'AzureBlobFS', typeProperties: { url: storage.url } });
  await service('blob', {
    type: 'AzureBlobStorage',
    typeProperties: {
      connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${storage.url}`,
    },
  });
  await service('sql', {
    type: 'AzureSqlDatabase',
    typeProperties: {
      connectionString: `Server=tcp:127.0.0.1,${database.port};Database=landfall;User ID=landfall;Encrypt=False`,
      password: { type: 'SecureString', value: 'Local-pass-1' },
    },
  });
  const file = (name: string, type: string, linkedService: string, more: object = {}) =>
    factory.client.datasets.createOrUpdate(GROUP, FACTORY, name, {
      properties: {
        type,
        linkedServiceName: { referenceName: linkedService, type: 'LinkedServiceReference' },
        parameters: { folder: { type: 'string' }, file: { type: 'string', defaultValue: '' } },
        typeProperties: {
          location: {
            ...(linkedService === 'lake'
              ? { type: 'AzureBlobFSLocation', fileSystem: 'data' }
              : { type: 'AzureBlobStorageLocation', container: 'data' }),
            folderPath: { value: '@dataset().folder', type: 'Expression' },
            fileName: { value: '@dataset().file', type: 'Expression' },
          },
          ...more,
        },
      },
    } as unknown as DatasetResource);
  await file('csv', 'DelimitedText', 'lake', { columnDelimiter: ',', escapeChar: '"', firstRowAsHeader: true });
  await file('csv_gz', 'DelimitedText', 'blob', { escapeChar: '"', firstRowAsHeader: true, compressionCodec: 'gzip' });
  await file('json', 'Json', 'blob');
  await file('parquet', 'Parquet', 'lake', { compressionCodec: 'snappy' });
  await file('binary', 'Binary', 'lake');
  await factory.client.datasets.createOrUpdate(GROUP, FACTORY, 'table', {
    properties: {
      type: 'AzureSqlTable',
      linkedServiceName: { referenceName: 'sql', type: 'LinkedServiceReference' },
      parameters: { name: { type: 'string' } },
      typeProperties: { schema: 'dbo', table: '@dataset().name' },
    },
  } as unknown as DatasetResource);
}, 30_000);

afterAll(async () => {
  await factory?.[Symbol.asyncDispose]();
  await database?.stop();
  if (database !== undefined) removeDirectory(database.directory);
  await storage?.stop();
}, 30_000);

const SINKS: Readonly<Record<string, string>> = {
  csv: 'DelimitedText',
  csv_gz: 'DelimitedText',
  json: 'Json',
  parquet: 'Parquet',
  binary: 'Binary',
  table: 'AzureSql',
};

function ref(dataset: string, parameters: object) {
  return { referenceName: dataset, type: 'DatasetReference', parameters };
}

/** A Copy in short: dataset and parameters of both ends, and what else is said about it. */
function copy(
  name: string,
  from: [string, object],
  to: [string, object],
  more: { source?: object; sink?: object; translator?: object } = {},
  rest = {},
) {
  const typeProperties = {
    source: { type: `${SINKS[from[0]]}Source`, ...more.source },
    sink: { type: `${SINKS[to[0]]}Sink`, ...more.sink },
    ...(more.translator === undefined ? {} : { translator: { type: 'TabularTranslator', ...more.translator } }),
  };
  return activity(name, 'Copy', typeProperties, { inputs: [ref(...from)], outputs: [ref(...to)], ...rest });
}

async function runOf(...activities: readonly object[]) {
  const name = `p${Math.random().toString(36).slice(2)}`;
  await factory.put(name, { activities });
  const run = await factory.run(name);
  const runs = await factory.activities(run.runId ?? '');
  return {
    status: run.status,
    message: run.message,
    output: (of: string) => runs.find(({ activityName }) => activityName === of)?.output,
    runs,
  };
}

const upload = (path: string, content: string | Buffer) =>
  data.getBlockBlobClient(path).uploadData(Buffer.isBuffer(content) ? content : Buffer.from(content));

test('rows go from CSV to Parquet with types, from there to JSON, with columns mapped and renamed', async () => {
  await upload(
    'a/in.csv',
    'id,name,at,ok\r\n1,"x, ""y""",2026-01-02 03:04:05,true\r\n2,,2026-01-02,false\r\n9007199254740993,é,,\r\n',
  );
  const mappings = [
    { source: { name: 'id' }, sink: { name: 'key', type: 'Int64' } },
    { source: { name: 'ok' }, sink: { name: 'ok', type: 'Boolean' } },
    { source: { name: 'at' }, sink: { name: 'at', type: 'DateTime' } },
    { source: { ordinal: 2 }, sink: { name: 'label', type: 'String' } },
  ];
  const { message, output } = await runOf(
    copy('one', ['csv', { folder: 'a', file: 'in.csv' }], ['parquet', { folder: 'a', file: 'x.parquet' }], {
      translator: { mappings },
    }),
    copy(
      'two',
      ['parquet', { folder: 'a', file: 'x.parquet' }],
      ['json', { folder: 'a', file: 'x.json' }],
      {},
      after('one'),
    ),
  );
  expect(message).toBe('');
  expect(output('one')).toMatchObject({ rowsRead: 3, rowsCopied: 3, filesRead: 1, filesWritten: 1 });
  expect((await textOf(data, 'a/x.json')).trim().split('\r\n')).toEqual([
    '{"key":1,"ok":true,"at":"2026-01-02T03:04:05Z","label":"x, \\"y\\""}',
    '{"key":2,"ok":false,"at":"2026-01-02T00:00:00Z"}',
    '{"key":9007199254740993,"label":"é"}',
  ]);
});

test('JSON is flattened by paths, a nested array is applied across, and several files become one table', async () => {
  await upload(
    'j/1.json',
    JSON.stringify({
      shop: { id: 7 },
      lines: [
        { sku: 'a', n: 1 },
        { sku: 'b', n: 2 },
      ],
    }),
  );
  await upload('j/2.json', JSON.stringify([{ shop: { id: 8 }, lines: [{ sku: 'c' }] }]));
  const mappings = [
    { source: { path: "$['shop']['id']" }, sink: { name: 'shop' } },
    { source: { path: "['sku']" }, sink: { name: 'sku' } },
    { source: { path: 'n' }, sink: { name: 'n' } },
  ];
  const { message, output } = await runOf(
    copy('c', ['json', { folder: 'j' }], ['csv', { folder: 'out', file: 'lines.csv' }], {
      source: {
        storeSettings: { type: 'AzureBlobStorageReadSettings', wildcardFolderPath: 'j', wildcardFileName: '*.json' },
      },
      translator: { mappings, collectionReference: "$['lines']" },
    }),
  );
  expect(message).toBe('');
  expect(output('c')).toMatchObject({ filesRead: 2, rowsCopied: 3 });
  expect(await textOf(data, 'out/lines.csv')).toBe('shop,sku,n\r\n7,a,1\r\n7,b,2\r\n8,c,\r\n');
});

test('compressed CSV goes into a table, is upserted, looked up, and comes back out', async () => {
  await upload('z/rows.csv.gz', gzipSync('id,v\n1,one\n2,two\n3,\n'));
  await upload('z/more.csv', 'id,v\n2,TWO\n4,four\n');
  const lookup = {
    source: { type: 'AzureSqlSource', sqlReaderQuery: 'SELECT id, v FROM dbo.things ORDER BY id' },
    dataset: ref('table', { name: 'things' }),
  };
  const { message, output } = await runOf(
    activity(
      'make',
      'Script',
      { scripts: [{ type: 'NonQuery', text: 'CREATE TABLE dbo.things (id INT NOT NULL, v NVARCHAR(20) NULL)' }] },
      {
        linkedServiceName: { referenceName: 'sql', type: 'LinkedServiceReference' },
      },
    ),
    copy('insert', ['csv_gz', { folder: 'z', file: 'rows.csv.gz' }], ['table', { name: 'things' }], {}, after('make')),
    copy(
      'upsert',
      ['csv', { folder: 'z', file: 'more.csv' }],
      ['table', { name: 'things' }],
      {
        sink: { writeBehavior: 'upsert', upsertSettings: { useTempDB: true, keys: ['id'] } },
      },
      after('insert'),
    ),
    activity('all', 'Lookup', { ...lookup, firstRowOnly: false }, after('upsert')),
    activity('first', 'Lookup', lookup, after('upsert')),
    copy(
      'out',
      ['table', { name: 'things' }],
      ['csv', { folder: 'z', file: 'out.csv' }],
      {
        source: { additionalColumns: [{ name: 'run', value: '@pipeline().Pipeline' }] },
      },
      after('upsert'),
    ),
  );
  expect(message).toBe('');
  expect(output('all')).toMatchObject({
    count: 4,
    value: [
      { id: 1, v: 'one' },
      { id: 2, v: 'TWO' },
      { id: 3, v: null },
      { id: 4, v: 'four' },
    ],
  });
  expect(output('first')).toMatchObject({ firstRow: { id: 1, v: 'one' } });
  expect((await textOf(data, 'z/out.csv')).split('\r\n')).toHaveLength(6);
}, 20_000);

test('binary files keep their folders and bytes; GetMetadata describes them, Delete removes them', async () => {
  await upload('b/x/1.bin', Buffer.from([1, 255]));
  await upload('b/2.bin', Buffer.alloc(9_000_000, 7));
  const { message, output, runs } = await runOf(
    copy('c', ['binary', { folder: 'b' }], ['binary', { folder: 'kept' }], {
      source: { storeSettings: { type: 'AzureBlobFSReadSettings', recursive: true } },
    }),
    activity(
      'folder',
      'GetMetadata',
      { dataset: ref('binary', { folder: 'kept' }), fieldList: ['childItems', 'itemType', 'exists'] },
      after('c'),
    ),
    activity(
      'file',
      'GetMetadata',
      { dataset: ref('binary', { folder: 'kept', file: '2.bin' }), fieldList: ['size', 'itemName'] },
      after('c'),
    ),
    activity(
      'none',
      'GetMetadata',
      { dataset: ref('binary', { folder: 'kept', file: 'no.bin' }), fieldList: ['exists'] },
      after('c'),
    ),
    activity(
      'gone',
      'GetMetadata',
      { dataset: ref('binary', { folder: 'kept', file: 'no.bin' }), fieldList: ['size'] },
      after('c'),
    ),
    activity(
      'delete',
      'Delete',
      { dataset: ref('binary', { folder: 'b' }), storeSettings: { type: 'AzureBlobFSReadSettings', recursive: true } },
      after('c'),
    ),
  );
  expect(message).toContain('The required Blob is missing');
  expect(runs.filter(({ status }) => status === 'Failed').map(({ activityName }) => activityName)).toEqual(['gone']);
  expect(output('c')).toMatchObject({ filesRead: 2, filesWritten: 2, dataWritten: 9_000_002 });
  expect(output('folder')).toEqual({
    exists: true,
    itemType: 'Folder',
    childItems: [
      { name: '2.bin', type: 'File' },
      { name: 'x', type: 'Folder' },
    ],
  });
  expect(output('file')).toEqual({ size: 9_000_000, itemName: '2.bin' });
  expect(output('none')).toEqual({ exists: false });
  expect(output('delete')).toMatchObject({ filesDeleted: 2 });
  expect(await pathsIn(data, 'b/')).toEqual([]);
  expect(await data.getBlobClient('kept/x/1.bin').downloadToBuffer()).toEqual(Buffer.from([1, 255]));
}, 20_000);

test('a source that breaks on its way leaves no file, and says what broke', async () => {
  await upload('broken/in.csv', `a,b\n${'1,2\n'.repeat(5000)}1,2,3\n`);
  const { status, message } = await runOf(
    copy('c', ['csv', { folder: 'broken', file: 'in.csv' }], ['csv', { folder: 'broken', file: 'out.csv' }]),
  );
  expect(status).toBe('Failed');
  expect(message).toContain('a row has 3 columns, the header 2');
  expect(await pathsIn(data, 'broken/')).toEqual(['broken/in.csv']);
});

test('a query that the database refuses fails with its message', async () => {
  const { message } = await runOf(copy('c', ['table', { name: 'nowhere' }], ['csv', { folder: 'n', file: 'out.csv' }]));
  expect(message).toMatch(/Operation on target c failed: ErrorCode=SqlOperationFailed.*nowhere/i);
});

test('a Lookup of the first row does not wait for the rest of a large result', async () => {
  await upload('many/rows.csv', `n\n${Array.from({ length: 400 }, (_, at) => at).join('\n')}\n`);
  const { message, output } = await runOf(
    activity(
      'make',
      'Script',
      { scripts: [{ type: 'NonQuery', text: 'CREATE TABLE dbo.many (n INT NOT NULL)' }] },
      { linkedServiceName: { referenceName: 'sql', type: 'LinkedServiceReference' } },
    ),
    copy('fill', ['csv', { folder: 'many', file: 'rows.csv' }], ['table', { name: 'many' }], {}, after('make')),
    activity(
      'first',
      'Lookup',
      {
        source: {
          type: 'AzureSqlSource',
          sqlReaderQuery: 'SELECT a.n AS a, b.n AS b FROM dbo.many a CROSS JOIN dbo.many b',
        },
        dataset: ref('table', { name: 'many' }),
        firstRowOnly: true,
      },
      after('fill'),
    ),
  );
  expect(message).toBe('');
  expect(Object.keys(output('first').firstRow)).toEqual(['a', 'b']);
}, 30_000);

test('types of the database arrive in CSV, JSON and Parquet as Data Factory writes them', async () => {
  const source = {
    sqlReaderQuery: `SELECT CAST('2026-01-02' AS DATE) AS d, CAST('2026-01-02T03:04:05.123456' AS DATETIME2(7)) AS t, CAST(1 AS BIT) AS b,
      CAST(9007199254740993 AS BIGINT) AS big, CAST(1.5 AS FLOAT) AS f, CAST(2.50 AS DECIMAL(9, 2)) AS dec, CAST(NULL AS INT) AS n, N'ü' AS s`,
  };
  const from: [string, object] = ['table', { name: 'none' }];
  const { message } = await runOf(
    copy('csv', from, ['csv', { folder: 't', file: 'o.csv' }], { source }),
    copy('json', from, ['json', { folder: 't', file: 'o.json' }], { source }),
    copy('parquet', from, ['parquet', { folder: 't', file: 'o.parquet' }], { source }),
    copy(
      'back',
      ['parquet', { folder: 't', file: 'o.parquet' }],
      ['json', { folder: 't', file: 'p.json' }],
      {},
      after('parquet'),
    ),
  );
  expect(message).toBe('');
  expect(await textOf(data, 't/o.csv')).toBe(
    'd,t,b,big,f,dec,n,s\r\n2026-01-02,2026-01-02 03:04:05.1234560,True,9007199254740993,1.5,2.5,,ü\r\n',
  );
  expect(JSON.parse(await textOf(data, 't/o.json'))).toEqual({
    d: '2026-01-02T00:00:00Z',
    t: '2026-01-02T03:04:05.123456Z',
    b: true,
    big: Number('9007199254740993'),
    f: 1.5,
    dec: 2.5,
    s: 'ü',
  });
  expect(JSON.parse(await textOf(data, 't/p.json'))).toMatchObject({
    b: true,
    f: 1.5,
    s: 'ü',
    d: '2026-01-02T00:00:00Z',
    t: '2026-01-02T03:04:05.123456Z',
  });
});
