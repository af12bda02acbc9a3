import type { DaxError } from './dax-error.ts';
import { syntaxError, type Token, tokenize } from './tokenize.ts';

/** Goes through the words of a text. */
export class TokenReader {
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source);
  }

  /** The word to come, or one `ahead` of it. */
  peek(ahead = 0): Token {
    return this.#tokens[this.#next + ahead] ?? { kind: 'end', text: '', offset: this.#source.length };
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#next += 1;
    return token;
  }

  takeSymbol(...symbols: readonly string[]): string | undefined {
    const { kind, text } = this.peek();
    if (kind !== 'symbol' || !symbols.includes(text)) return undefined;
    this.#next += 1;
    return text;
  }

  takeWord(word: string): boolean {
    const { kind, text } = this.peek();
    if (kind !== 'word' || text.toUpperCase() !== word) return false;
    this.#next += 1;
    return true;
  }

  expectSymbol(symbol: string): void {
    if (this.takeSymbol(symbol) === undefined) throw this.errorAhead();
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.errorAhead();
  }

  expectEnd(): void {
    if (this.peek().kind !== 'end') throw this.errorAhead();
  }

  /** An error at the word taken last. */
  error(): DaxError {
    const token = this.#tokens[this.#next - 1] ?? this.peek();
    return syntaxError(this.#source, token.offset, token.text);
  }

  /** An error at the word to come. */
  errorAhead(): DaxError {
    const { offset, text } = this.peek();
    return syntaxError(this.#source, offset, text);
  }
}
