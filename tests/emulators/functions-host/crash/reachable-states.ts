import { createHash } from 'node:crypto';
import { Disk, type Dump, tables } from '../simulation/disk.ts';
import { checkDisk } from '../simulation/invariants.ts';
import { live } from './life.ts';
import { expectedEntities, expectedInstances } from './scenario.ts';

export interface Explored {
  /** Different states that a kill can leave on disk, after any number of earlier kills. */
  readonly states: number;
  /** How many commits the host makes that nobody kills. */
  readonly commitsUndisturbed: number;
  readonly deepest: number;
}

/**
 * Kills the host at every commit; from each state that is then on disk lets another one go on, kills that one at every
 * commit, and so on until no new state appears. States that differ in times and random ids only are one.
 * @param order of activities' ends: 0 has all take the same time, another figure another time each.
 * @param maxKills ends the search there.
 * @throws when a host that goes on from one of them does not end as the one that nobody kills.
 */
export async function exploreReachableStates(order: number, maxKills = Number.POSITIVE_INFINITY): Promise<Explored> {
  const empty = new Disk().dump();
  const seen = new Set([digestOf(empty)]);
  const waiting: { readonly dump: Dump; readonly kills: number }[] = [{ dump: empty, kills: 0 }];
  let commitsUndisturbed = 0;
  let deepest = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { dump, kills } = next;
    const disk = new Disk(dump);
    await live(disk, { startAt: latest(dump), generation: kills, order }, () => {
      commitsUndisturbed += kills === 0 ? 1 : 0;
      if (kills === maxKills) {
        return;
      }
      const now = disk.dump();
      const digest = digestOf(now);
      if (!seen.has(digest)) {
        seen.add(digest);
        deepest = Math.max(deepest, kills + 1);
        checkDisk(now);
        waiting.push({ dump: now, kills: kills + 1 });
      }
    });
    checkEnd(disk.dump());
    disk.database.close();
  }
  return { states: seen.size, commitsUndisturbed, deepest };
}

function checkEnd(dump: Dump): void {
  checkDisk(dump);
  const instances = Object.fromEntries(
    dump.instances.map(({ id, status, output }) => [id, [status, JSON.parse(String(output))]]),
  );
  const entities = Object.fromEntries(
    dump.entities
      .filter(({ state }) => state !== null)
      .map(({ id, state }) => [String(id).split('@')[2], Number(state)]),
  );
  const found = JSON.stringify([sortKeys(instances), sortKeys(entities)]);
  const expected = JSON.stringify([sortKeys(expectedInstances), sortKeys(expectedEntities)]);
  if (found !== expected) {
    throw new Error(`a host that went on ended with ${found}\ninstead of ${expected}`);
  }
}

const sortKeys = <T>(object: Readonly<Record<string, T>>) =>
  Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));

const times = /\b17\d{11}\b|\b2026-\d\d-\d\dT[\d:.]+Z/g;
const ids = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b/g;

/** The time goes on from the last that is on disk. */
function latest(dump: Dump): number {
  return Math.max(Date.UTC(2026, 0, 1), ...dump.instances.map(({ updated_at }) => Number(updated_at)));
}

/** Times, ids and how often a client that heard no answer has repeated itself do not count. */
function digestOf(dump: Dump): string {
  const names = new Map<string, string>();
  const anonymous = (text: string) =>
    text.replaceAll(times, 'time').replaceAll(ids, (id) => {
      const name = names.get(id) ?? `id ${names.size}`;
      names.set(id, name);
      return name;
    });
  const rows = tables.map((table) => {
    const texts = dump[table].map(({ seq: _, instance_seq: instance, ...row }) => {
      const id = dump.instances.find(({ seq }) => seq === instance)?.id;
      return anonymous(JSON.stringify(id === undefined ? row : { id, ...row }));
    });
    return table === 'inbox' ? [...new Set(texts)] : texts;
  });
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex');
}
