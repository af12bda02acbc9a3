import { createHash } from 'node:crypto';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { LandfallError } from '../errors.ts';
import type { Contract } from './contract.ts';

/** One thing wrong with a contract, and where. */
export interface ContractProblem {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Thrown with every problem found; its message lists them as `file:line: message`. */
export class InvalidContract extends LandfallError {
  readonly problems: readonly ContractProblem[];
  constructor(problems: readonly ContractProblem[]) {
    super(
      'InvalidContract',
      problems.map((problem) => `${problem.file}:${problem.line}: ${problem.message}`).join('\n'),
    );
    this.problems = problems;
  }
}

/** Compiles the published JSON Schema once. */
export function compileSchema(schema: object): ValidateFunction<Contract> {
  return new Ajv({ allErrors: true }).compile<Contract>(schema);
}

/**
 * Parses and checks the text of a `dataset.yaml`.
 * @throws InvalidContract naming file, line, what was expected and the likely fix.
 */
export function parseContract(file: string, text: string, validate: ValidateFunction<Contract>): Contract {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  if (document.errors.length > 0) {
    throw new InvalidContract(
      document.errors.map((error) => ({
        file,
        line: lines.linePos(error.pos[0]).line,
        message: error.message.split('\n')[0] ?? error.message,
      })),
    );
  }
  const value: unknown = document.toJS();
  const lineOf = (path: readonly (string | number)[]): number => lineOfPath(document, lines, path);
  if (!validate(value)) {
    throw new InvalidContract(
      (validate.errors ?? []).map((error) => ({ file, line: lineOf(pathOf(error)), message: describe(error) })),
    );
  }
  const problems = crossChecks(value).map(({ path, message }) => ({ file, line: lineOf(path), message }));
  if (problems.length > 0) throw new InvalidContract(problems);
  return value;
}

/** Twelve hex digits that change whenever the contract or one of its statements does. */
export function contractVersion(contract: Contract, statements: Readonly<Record<string, string>>): string {
  return createHash('sha256')
    .update(JSON.stringify([contract, statements]))
    .digest('hex')
    .slice(0, 12);
}

interface Finding {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What JSON Schema cannot say: names must refer to columns that exist. */
function crossChecks(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const columns = new Map(contract.columns.map((column) => [column.name, column]));
  const refer = (path: readonly (string | number)[], name: string, known: (name: string) => boolean): void => {
    if (!known(name)) {
      findings.push({
        path,
        message: `'${name}' is no column of this dataset; its columns are ${[...columns.keys()].join(', ')}.`,
      });
    }
  };
  const isColumn = (name: string): boolean => columns.has(name);
  const prediction = contract.model?.prediction;
  if (columns.size < contract.columns.length) {
    const twice = contract.columns.findIndex(
      (column, index) => contract.columns.findIndex((other) => other.name === column.name) < index,
    );
    findings.push({
      path: ['columns', twice, 'name'],
      message: 'This column is declared twice; rename or remove one.',
    });
  }
  contract.identity.key.forEach((name, index) => {
    refer(['identity', 'key', index], name, isColumn);
    if (columns.get(name)?.nullable !== false) {
      findings.push({
        path: ['identity', 'key', index],
        message: `Key column '${name}' must be declared with nullable: false.`,
      });
    }
  });
  contract.warehouse?.columns.forEach((name, index) => {
    refer(['warehouse', 'columns', index], name, (it) => isColumn(it) || it === prediction);
  });
  if (contract.warehouse !== undefined) {
    for (const name of contract.identity.key.filter((key) => !contract.warehouse?.columns.includes(key))) {
      findings.push({
        path: ['warehouse', 'columns'],
        message: `Add the key column '${name}': rows are replaced by their key.`,
      });
    }
  }
  contract.combine?.forEach((combine, index) => {
    for (const name of Object.keys(combine.on)) refer(['combine', index, 'on', name], name, isColumn);
  });
  return findings;
}

function pathOf(error: ErrorObject): (string | number)[] {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
  const extra: unknown = error.params.additionalProperty;
  return typeof extra === 'string' ? [...path, extra] : path;
}

function describe(error: ErrorObject): string {
  const where = error.instancePath === '' ? 'the contract' : error.instancePath.slice(1).replaceAll('/', '.');
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case 'additionalProperties':
      return `'${String(params.additionalProperty)}' is not a key of ${where}; remove it or correct its spelling.`;
    case 'required':
      return `${where} lacks '${String(params.missingProperty)}'; add it.`;
    case 'enum':
      return `${where} must be one of ${(params.allowedValues as unknown[]).join(', ')}.`;
    default:
      return `${where} ${error.message ?? 'is not valid'}.`;
  }
}

function lineOfPath(document: Document.Parsed, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const node: unknown = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}
