import { createRequire } from 'node:module';

/**
 * `@azure/functions` is compiled for engines without private fields: each `#field` of its classes is a WeakMap, a dozen entries
 * for each call, and these are what the garbage collector of V8 is slowest with. Here the library is loaded with a map
 * that keeps a value as a private field of the object that it belongs to, as the library's source says: a
 * quarter less computing for a page from memory (decision 15). Only the library sees it; had it been loaded before, nothing changes.
 */
export function loadWithPrivateFields(name: string): void {
  const { WeakMap: original } = globalThis;
  globalThis.WeakMap = FieldMap as unknown as WeakMapConstructor;
  try {
    createRequire(import.meta.url)(name);
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

/** What the library's compiled code asks of a WeakMap. */
class FieldMap {
  readonly #field = newField();

  has(object: object): boolean {
    return this.#field.has(object);
  }

  get(object: object): unknown {
    return this.#field.get(object);
  }

  set(object: object, value: unknown): this {
    this.#field.set(object, value);
    return this;
  }
}
