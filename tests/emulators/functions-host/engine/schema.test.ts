import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { DurableEngine } from '../../../../emulators/functions-host/engine/engine.ts';
import { prepareSchema } from '../../../../emulators/functions-host/engine/schema.ts';
import { createProtocolV3 } from '../../../../emulators/functions-host/protocol-v3/protocol.ts';

/** The tables of the first version, with an instance that is over and one that waits. */
const firstVersion = `
CREATE TABLE instances (
  id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, version TEXT, status TEXT NOT NULL,
  input TEXT, output TEXT, custom_status TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  parent TEXT, protocol_state TEXT, suspended INTEGER NOT NULL
) STRICT;
CREATE INDEX instances_by_creation ON instances (created_at, id);
CREATE INDEX instances_alive ON instances (id) WHERE status NOT IN ('Completed', 'Failed', 'Terminated');
CREATE TABLE history (
  instance_id TEXT NOT NULL, turn INTEGER NOT NULL, events TEXT NOT NULL, PRIMARY KEY (instance_id, turn)
) STRICT, WITHOUT ROWID;
INSERT INTO instances VALUES ('z', 'e', 'story', NULL, 'Completed', '1', '2', NULL, 5, 6, NULL, NULL, 0);
INSERT INTO instances VALUES ('a', 'f', 'story', NULL, 'Running', '3', NULL, '"half"', 7, 8, NULL, NULL, 1);
INSERT INTO history VALUES ('z', 1, '[{"type":"turnCompleted","at":6}]'), ('z', 0, '[{"type":"turnStarted","at":5}]');
INSERT INTO history VALUES ('a', 0, '[{"type":"turnStarted","at":7}]');
`;

test('a file of the first version is taken over with all its instances and histories', async () => {
  const database = new DatabaseSync(':memory:');
  database.exec(firstVersion);
  prepareSchema(database);
  const engine = new DurableEngine({
    database,
    protocol: createProtocolV3({
      orchestrator: () => Promise.reject(new Error('it is suspended')),
      activity: () => Promise.reject(new Error('there is none')),
      entity: () => Promise.reject(new Error('there is none')),
    }),
    maxConcurrentActivities: 1,
    maxEntityOperationBatchSize: 1,
    onFatal: (error) => {
      throw error;
    },
  });
  engine.start();
  expect(engine.queries.instances({}, 10).items.map(({ id, status }) => `${id} ${status}`)).toEqual([
    'z Completed',
    'a Running',
  ]);
  expect(engine.queries.instance('a')).toMatchObject({ input: '3', customStatus: '"half"', createdAt: 7 });
  expect(engine.queries.history('z').map(({ type }) => type)).toEqual(['turnStarted', 'turnCompleted']);
  await engine.terminate('a', 'enough');
  expect(engine.queries.instance('a')?.status).toBe('Terminated');
  await engine.startInstance({ name: 'story', input: null, instanceId: 'z' });
  expect(engine.queries.history('z').every(({ at }) => at > 6)).toBe(true); // what it takes the place of is gone
  engine.close();
});
