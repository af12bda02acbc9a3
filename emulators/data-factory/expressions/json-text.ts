import { ExpressionError } from './expression-error.ts';
import { isArray, type Value } from './value.ts';

const NUMBER_CHARACTER = /[-+.0-9a-fA-FxX]/;
const NUMBER = /^-?\d+(\.\d+)?([eE][-+]?\d+)?$/;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads JSON so that nothing is lost: `1` becomes an integer, `1.0` a float, 64 bits are kept.
 * @throws ExpressionError in the words of the engine's JSON reader (Newtonsoft).
 */
export function parseJson(text: string): Value {
  const reader = new JsonReader(text);
  const value = reader.value();
  reader.end();
  return value;
}

/** Writes compact JSON; a float keeps its point (`1.0`). */
export function writeJson(value: Value): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') {
    const text = floatText(value);
    return /[.EN∞]/.test(text) ? text : `${text}.0`;
  }
  if (isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${writeJson(item)}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

/** A float as .NET writes it: shortest digits that read back the same, exponent from 1E+15 and below 1E-05. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (exponent >= 15 || exponent < -5) {
    return `${digits}E${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent === -5) return `${digits}E-05`;
  return String(value);
}

class JsonReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): Value {
    this.#space();
    const character = this.#text[this.#at];
    if (character === undefined) throw this.#error('Unexpected end of content while loading JSON.');
    if (character === '{') return this.#object();
    if (character === '[') return this.#array();
    if (character === '"' || character === "'") return this.#string(character);
    if (/[-0-9]/.test(character)) return this.#number();
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    throw this.#error(`Unexpected character encountered while parsing value: ${character}.`);
  }

  end(): void {
    this.#space();
    const rest = this.#text[this.#at];
    if (rest !== undefined) {
      throw this.#error(`Additional text encountered after finished reading JSON content: ${rest}.`);
    }
  }

  #object(): Value {
    const entries: [string, Value][] = [];
    this.#at += 1;
    for (;;) {
      this.#space();
      if (this.#take('}')) return Object.fromEntries(entries);
      const quote = this.#text[this.#at];
      if (quote !== '"' && quote !== "'") throw this.#error(`Invalid property identifier character: ${quote ?? ''}.`);
      const key = this.#string(quote);
      this.#space();
      if (!this.#take(':')) {
        throw this.#error(`Invalid character after parsing property name. Expected ':' but got: ${this.#here()}.`);
      }
      entries.push([key, this.value()]);
      this.#space();
      if (!this.#take(',') && this.#text[this.#at] !== '}') {
        throw this.#error(`After parsing a value an unexpected character was encountered: ${this.#here()}.`);
      }
    }
  }

  #array(): Value {
    const items: Value[] = [];
    this.#at += 1;
    for (;;) {
      this.#space();
      if (this.#take(']')) return items;
      items.push(this.value());
      this.#space();
      if (!this.#take(',') && this.#text[this.#at] !== ']') {
        throw this.#error(`After parsing a value an unexpected character was encountered: ${this.#here()}.`);
      }
    }
  }

  #string(quote: string): string {
    let result = '';
    for (this.#at += 1; ; this.#at += 1) {
      const character = this.#text[this.#at];
      if (character === undefined) throw this.#error(`Unterminated string. Expected delimiter: ${quote}.`);
      if (character === quote) break;
      if (character !== '\\') {
        result += character;
        continue;
      }
      this.#at += 1;
      const escaped = this.#text[this.#at] ?? '';
      if (escaped === 'u') {
        const code = this.#text.slice(this.#at + 1, this.#at + 5);
        if (!/^[0-9a-fA-F]{4}$/.test(code)) throw this.#error(`Invalid Unicode escape sequence: \\u${code}.`);
        result += String.fromCharCode(Number.parseInt(code, 16));
        this.#at += 4;
      } else if (/["'\\/]/.test(escaped)) {
        result += escaped;
      } else {
        const meant = ESCAPES[escaped];
        if (meant === undefined) throw this.#error(`Bad JSON escape sequence: \\${escaped}.`);
        result += meant;
      }
    }
    this.#at += 1;
    return result;
  }

  #number(): Value {
    const start = this.#at;
    while (NUMBER_CHARACTER.test(this.#here())) this.#at += 1;
    const next = this.#here();
    if (next !== '' && !/[\s,\]}]/.test(next)) {
      throw this.#error(`Unexpected character encountered while parsing number: ${next}.`);
    }
    const text = this.#text.slice(start, this.#at);
    if (!NUMBER.test(text)) throw this.#error(`Input string '${text}' is not a valid number.`);
    return /[.eE]/.test(text) ? Number(text) : BigInt(text);
  }

  #here(): string {
    return this.#text[this.#at] ?? '';
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #space(): void {
    while (/\s/.test(this.#here())) this.#at += 1;
  }

  #error(message: string): ExpressionError {
    const before = this.#text.slice(0, this.#at).split('\n');
    return new ExpressionError(`${message} Path '', line ${before.length}, position ${(before.at(-1) ?? '').length}.`);
  }
}
