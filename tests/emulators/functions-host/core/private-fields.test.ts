import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { preloadLibrary, withPrivateFields } from '../../../../emulators/functions-host/core/private-fields.ts';

const folder = mkdtempSync(join(tmpdir(), 'landfall-fields-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Fields {
  has(object: object): boolean;
  get(object: object): unknown;
  set(object: object, value: unknown): void;
  delete(object: object): boolean;
}

const require = createRequire(import.meta.url);

/** Loads a module that makes two maps as the library does, and gives them. */
function load(): readonly [Fields, Fields] {
  const given: { maps?: readonly [Fields, Fields] } = {};
  const name = join(folder, `module-${Math.random()}.cjs`);
  writeFileSync(name, 'globalThis.given.maps = [new WeakMap(), new WeakMap()];');
  Object.assign(globalThis, { given });
  withPrivateFields(() => require(name));
  Reflect.deleteProperty(globalThis, 'given');
  if (given.maps === undefined) throw new Error('the module was not loaded');
  return given.maps;
}

describe('a library that is loaded with private fields', () => {
  test('keeps the values of each map and each object apart', () => {
    const [a, b] = load();
    for (const map of [a, b]) expect(map).not.toBeInstanceOf(WeakMap);
    const [one, two] = [{}, Object.freeze({})];
    a.set(one, 1);
    b.set(one, undefined);
    a.set(two, 2);
    a.set(one, 3);
    expect([a.get(one), b.get(one), a.get(two), b.get(two)]).toEqual([3, undefined, 2, undefined]);
    expect([a.has(one), b.has(one), b.has(two), a.has(Object.create(one))]).toEqual([true, true, false, false]);
    expect([a.delete(one), a.delete(one), a.has(one), a.get(one), b.has(one)]).toEqual([
      true,
      false,
      false,
      undefined,
      true,
    ]);
    a.set(one, 4);
    expect(a.get(one)).toBe(4);
  });

  test('shows nobody what it keeps', () => {
    const [map] = load();
    const object = {};
    map.set(object, 'secret');
    expect(Reflect.ownKeys(object)).toEqual([]);
  });

  test('leaves the WeakMap of all others as it was, also when it cannot be loaded', () => {
    const { WeakMap: original } = globalThis;
    load();
    expect(() => withPrivateFields(() => require(join(folder, 'absent.cjs')))).toThrow();
    expect(globalThis.WeakMap).toBe(original);
    preloadLibrary(folder, 'absent'); // is left to the app
    expect(globalThis.WeakMap).toBe(original);
  });
});
