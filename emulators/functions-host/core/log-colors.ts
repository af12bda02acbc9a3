/** Wraps text in the escape codes of a colour, or leaves it as it is where nobody wants colours. */
export interface Colors {
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** Whether a stream gets colours: on a terminal, or by FORCE_COLOR, but never with NO_COLOR. Source: no-color.org. */
export function wantsColors(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== undefined && NO_COLOR !== '') {
    return false;
  }
  if (FORCE_COLOR !== undefined) {
    return !['0', 'false'].includes(FORCE_COLOR);
  }
  return stream.isTTY === true && TERM !== 'dumb';
}

/** @param on without it every text stays as it is. */
export function createColors(on: boolean): Colors {
  const wrap = (begin: number, end: number) => (text: string) => (on ? `\u001b[${begin}m${text}\u001b[${end}m` : text);
  return { dim: wrap(2, 22), red: wrap(31, 39), green: wrap(32, 39), yellow: wrap(33, 39), cyan: wrap(36, 39) };
}
