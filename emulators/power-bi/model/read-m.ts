/** A text in M, with `""` for a quote. */
const TEXT = '"((?:[^"]|"")*)"';
const NAVIGATION = new RegExp(
  String.raw`^(.+?)\{\[\s*Schema\s*=\s*${TEXT}\s*,\s*Item\s*=\s*${TEXT}\s*\]\}\[Data\]$`,
  's',
);
const NATIVE = new RegExp(String.raw`^Value\.NativeQuery\(\s*(.+?)\s*,\s*${TEXT}\s*(?:,.*)?\)$`, 's');
const SOURCE = new RegExp(String.raw`^(?:#${TEXT}|Sql\.Database\(.*\))$`, 's');

/**
 * The T-SQL that the mashup engine would fold a partition's M expression into. Three kinds of steps are understood: a data source
 * (`#"SQL/…"` or `Sql.Database(…)`), navigation to a table or view, and `Value.NativeQuery`.
 * @throws Error for any other step
 */
export function readM(expression: string, columns: readonly string[]): string {
  const match = /^\s*let\b(.*)\bin\b\s*(\S.*?)\s*$/s.exec(expression);
  if (match?.[1] === undefined || match[2] === undefined) throw new Error('an M expression "let … in …" is expected.');
  const steps = new Map(splitSteps(match[1]).map(readStep));
  const resolve = (name: string, seen: readonly string[]): string => {
    const step = steps.get(name);
    if (step === undefined || seen.includes(name)) return name;
    return /^[\w#]/.test(step) && steps.has(step) ? resolve(step, [...seen, name]) : step;
  };
  const isSource = (name: string): boolean => SOURCE.test(resolve(name, []));
  const result = resolve(match[2], []);

  const navigation = NAVIGATION.exec(result);
  if (navigation?.[1] !== undefined && isSource(navigation[1])) {
    const [schema, item] = [text(navigation[2]), text(navigation[3])];
    const list = columns.map(quote).join(', ');
    return `SELECT ${list} FROM ${quote(schema)}.${quote(item)}`;
  }
  const native = NATIVE.exec(result);
  if (native?.[1] !== undefined && isSource(native[1])) return text(native[2]);
  throw new Error(
    `the M step '${result}' is not supported by this emulator: navigate to a table or use Value.NativeQuery.`,
  );
}

function readStep(step: string): readonly [string, string] {
  const match = /^\s*(#"(?:[^"]|"")*"|\w+)\s*=\s*(\S.*?)\s*$/s.exec(step);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new Error(`the M step '${step.trim()}' cannot be read.`);
  return [match[1], match[2]];
}

/** Splits at commas outside brackets and texts. */
function splitSteps(body: string): readonly string[] {
  const steps: string[] = [''];
  let depth = 0;
  for (const [token] of body.matchAll(/"(?:[^"]|"")*"|[\s\S]/g)) {
    if ('([{'.includes(token)) depth += 1;
    if (')]}'.includes(token)) depth -= 1;
    if (token === ',' && depth === 0) steps.push('');
    else steps.push(`${steps.pop() ?? ''}${token}`);
  }
  return steps;
}

function text(quoted: string | undefined): string {
  return (quoted ?? '').replaceAll('""', '"').replaceAll('#(lf)', '\n').replaceAll('#(tab)', '\t');
}

function quote(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}
