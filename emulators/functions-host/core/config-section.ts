import { HostSetupError } from './errors.ts';
import { parseTimeSpan, type TimeSpan } from './time-span.ts';

/** A part of host.json, with the way to it for messages. */
export class ConfigSection {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #path: string;

  /** @throws HostSetupError when it is there and no object. */
  constructor(value: unknown, path: string) {
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value))) {
      throw new HostSetupError(`host.json: ${path} must be an object, and is ${JSON.stringify(value)}`);
    }
    this.#value = (value ?? {}) as Readonly<Record<string, unknown>>;
    this.#path = path;
  }

  get names(): readonly string[] {
    return Object.keys(this.#value);
  }

  /** A setting by its name, whose case does not count, as in .NET; undefined when it is absent. */
  value(name: string): unknown {
    const lower = name.toLowerCase();
    const given = this.#value[name] ?? this.#value[this.names.find((other) => other.toLowerCase() === lower) ?? name];
    return given ?? undefined;
  }

  section(name: string): ConfigSection {
    return new ConfigSection(this.value(name), this.#pathTo(name));
  }

  /** @throws HostSetupError when it is there and no text. */
  text(name: string): string | undefined {
    const value = this.value(name);
    if (value !== undefined && typeof value !== 'string') {
      throw this.fault(name, 'a text');
    }
    return value;
  }

  /** A number, or a text of digits. @throws HostSetupError when it is there and no whole number from `low` on. */
  integer(name: string, low: number, fallback: number): number {
    const given = this.value(name) ?? fallback;
    const value = typeof given === 'string' && /^\d+$/.test(given) ? Number(given) : given;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < low) {
      throw this.fault(name, `a whole number from ${low} on`);
    }
    return value;
  }

  /** A whole number above 0; undefined for -1, which stands for no limit, and when it is absent. */
  limit(name: string): number | undefined {
    const value = this.value(name);
    return value === undefined || String(value) === '-1' ? undefined : this.integer(name, 1, 1);
  }

  /** @throws HostSetupError when it is there and no time span. */
  timeSpan(name: string): TimeSpan | undefined {
    const value = this.value(name);
    const span = typeof value === 'string' ? parseTimeSpan(value) : undefined;
    if (value !== undefined && span === undefined) {
      throw this.fault(name, 'a time span such as "00:05:00"');
    }
    return span;
  }

  /** @throws HostSetupError when it is there and none of `choices`, whose case does not count. */
  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = String(this.value(name) ?? fallback).toLowerCase();
    const found = choices.find((choice) => choice.toLowerCase() === value);
    if (found === undefined) {
      throw this.fault(name, choices.map((choice) => `"${choice}"`).join(' or '));
    }
    return found;
  }

  fault(name: string, expected: string): HostSetupError {
    return new HostSetupError(
      `host.json: ${this.#pathTo(name)} must be ${expected}, and is ${JSON.stringify(this.value(name))}`,
    );
  }

  #pathTo(name: string): string {
    return this.#path === '' ? name : `${this.#path}.${name}`;
  }
}
