import { RequestProblem } from '../http/problem.ts';
import { type Token, tokenize } from './tokens.ts';

const READING = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN']);
const EXPLAIN_MODES = new Set(['EXTENDED', 'CODEGEN', 'COST', 'FORMATTED']);
const FORMATS = new Set(
  'arrow avro binaryfile csv delta excel hudi iceberg image jdbc json lance orc parquet text vortex xml'.split(' '),
);
const WRITING = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/**
 * Gives a statement that only reads, without its last semicolon: one SELECT, WITH … SELECT, SHOW, DESCRIBE or EXPLAIN of
 * these, over tables of the catalog. This is the outer of two fences: the warehouse's principal may only read as well.
 * @throws RequestProblem 400 for everything else, saying what was found
 */
export function readOnlyStatement(sql: string): string {
  const tokens = tokenize(sql);
  const end = tokens.findIndex(({ kind, text }) => kind === 'symbol' && text === ';');
  const body = end === -1 ? tokens : tokens.slice(0, end);
  if (end !== -1 && tokens.slice(end).some(({ text }) => text !== ';'))
    throw new RequestProblem(400, 'Send one statement at a time: there is text after the semicolon.');
  checkReading(body);
  refuseFiles(body);
  return sql.slice(0, end === -1 ? undefined : (tokens[end]?.position ?? sql.length)).trim();
}

/** Files are read by `format.path`; a name that is put together at run time could hide one, and so could a $$ string. */
function refuseFiles(tokens: readonly Token[]): void {
  for (const [index, { kind, text }] of tokens.entries()) {
    const name = text.replaceAll('`', '').toLowerCase();
    const [before, after] = [tokens[index - 1]?.text, tokens[index + 1]?.text];
    const isName = kind === 'word' || kind === 'quoted';
    if (kind === 'quoted' && /[/\\:]/.test(text)) throw notATable(`${text} is a path`);
    if (isName && FORMATS.has(name) && after === '.' && before !== '.')
      throw notATable(`${text}. reads files (an alias needs another name)`);
    if (isName && name === 'identifier' && after === '(') throw notATable('IDENTIFIER(…) can be any file');
    if (kind === 'symbol' && text === '$') throw notATable('$ is no part of a query');
  }
}

function notATable(what: string): RequestProblem {
  return new RequestProblem(400, `${what}; only tables of the catalog can be read, such as main.silver.flights.`);
}

function checkReading(tokens: readonly Token[]): void {
  const first = tokens.findIndex(({ text }) => text !== '(');
  const token = tokens[first];
  if (token === undefined) throw new RequestProblem(400, 'statement is empty.');
  const verb = token.kind === 'word' ? token.text.toUpperCase() : token.text;
  if (!READING.has(verb))
    throw new RequestProblem(
      400,
      `Only SELECT, WITH, SHOW, DESCRIBE and EXPLAIN are accepted here; the statement begins with ${token.text}.`,
    );
  if (verb === 'EXPLAIN') {
    const mode = tokens[first + 1]?.text.toUpperCase() ?? '';
    checkReading(tokens.slice(first + (EXPLAIN_MODES.has(mode) ? 2 : 1)));
  }
  if (verb === 'WITH') refuseWriteAfterNames(tokens);
}

/** WITH may lead a write, too: `WITH new AS (…) INSERT INTO …`. The verb then stands outside all parentheses. */
function refuseWriteAfterNames(tokens: readonly Token[]): void {
  let depth = 0;
  for (const [index, { kind, text }] of tokens.entries()) {
    if (text === '(') depth += 1;
    if (text === ')') depth -= 1;
    const follows = tokens[index - 1]?.text;
    if (depth === 0 && kind === 'word' && follows === ')' && WRITING.has(text.toUpperCase()))
      throw new RequestProblem(400, `Only queries are accepted here; this WITH leads to ${text.toUpperCase()}.`);
  }
}
