import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * Loads the library of an app before the app does, with private fields; a library that cannot be found or loaded is left to
 * the app, which then hears why.
 *
 * `@azure/functions` is compiled for engines without private fields: each `#field` of its classes is a WeakMap, a dozen entries
 * for each call, and these are what the garbage collector of V8 is slowest with. Here it is loaded with a map that
 * keeps a value as a private field of the object that it belongs to, as the library's source says. Only the library sees it.
 */
export function preloadLibrary(appFolder: string, name: string): void {
  const require = createRequire(join(appFolder, 'package.json'));
  try {
    withPrivateFields(() => require(name));
  } catch {
    // The app loads it again, and what is wrong with it shows there.
  }
}

/** Makes what a module that is loaded meanwhile keeps in WeakMaps private fields. */
export function withPrivateFields(load: () => unknown): void {
  const { WeakMap: original } = globalThis;
  globalThis.WeakMap = FieldMap as unknown as WeakMapConstructor;
  try {
    load();
  } finally {
    globalThis.WeakMap = original;
  }
}

/** A constructor that gives back what it is given, so that a class derived from it puts its fields on any object. */
const Given = function given(object: object): object {
  return object;
} as unknown as new (
  object: object,
) => object;

interface Field {
  has(object: object): boolean;
  get(object: object): unknown;
  set(object: object, value: unknown): void;
}

function newField(): Field {
  return class Stamp extends Given {
    #value: unknown;

    constructor(object: object, value: unknown) {
      super(object);
      this.#value = value;
    }

    static has(object: object): boolean {
      return #value in object;
    }

    static get(object: object): unknown {
      return #value in object ? object.#value : undefined;
    }

    static set(object: object, value: unknown): void {
      if (#value in object) object.#value = value;
      else new Stamp(object, value);
    }
  };
}

/** Stands for no value: a private field cannot be taken away. */
const absent = Symbol('absent');

/** A WeakMap whose values are with their objects. */
class FieldMap {
  readonly #field = newField();

  has(object: object): boolean {
    return this.#field.has(object) && this.#field.get(object) !== absent;
  }

  get(object: object): unknown {
    const value = this.#field.get(object);
    return value === absent ? undefined : value;
  }

  set(object: object, value: unknown): this {
    this.#field.set(object, value);
    return this;
  }

  delete(object: object): boolean {
    const had = this.has(object);
    if (had) this.#field.set(object, absent);
    return had;
  }
}
