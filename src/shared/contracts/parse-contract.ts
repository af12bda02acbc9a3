import { createHash } from 'node:crypto';
import { Ajv, type ValidateFunction } from 'ajv';
import { LandfallError } from '../errors.ts';
import { checkReferences } from './check-references.ts';
import type { Contract } from './contract.ts';
import { describeErrors } from './describe-error.ts';
import type { Finding } from './finding.ts';
import { type Place, parseYaml } from './yaml-source.ts';

/** One thing wrong with a contract, and where. */
export interface ContractProblem extends Place {
  readonly file: string;
  readonly message: string;
}

/** Thrown with every problem found; its message lists them as `file:line:column: message`. */
export class InvalidContract extends LandfallError {
  readonly problems: readonly ContractProblem[];
  constructor(problems: readonly ContractProblem[]) {
    super(
      'InvalidContract',
      problems.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`).join('\n'),
    );
    this.problems = problems;
  }
}

/** A contract as it stands in its file. */
export interface ContractSource {
  readonly contract: Contract;
  /** The problem that something found later is, at its place in the file. */
  problem(finding: Finding): ContractProblem;
}

/** Compiles the published JSON Schema once. */
export function compileSchema(schema: object): ValidateFunction<Contract> {
  return new Ajv({ allErrors: true, verbose: true }).compile<Contract>(schema);
}

/**
 * Parses and checks the text of a `dataset.yaml`. `databricks/src/landfall_jobs/contracts` does the same in Python, word
 * for word; `tests/contracts` holds both to it.
 * @throws InvalidContract naming file, line, what was expected and the likely fix.
 */
export function parseContract(file: string, text: string, validate: ValidateFunction<Contract>): ContractSource {
  const source = parseYaml(text);
  if (source.errors.length > 0) throw new InvalidContract(source.errors.map((error) => ({ file, ...error })));
  const problem = (finding: Finding): ContractProblem => ({ file, ...source.place(finding), message: finding.message });
  const contract = source.value;
  const findings = validate(contract) ? checkReferences(contract) : describeErrors(validate.errors ?? [], source.value);
  if (findings.length > 0) throw new InvalidContract(findings.map(problem).toSorted(byPlace));
  return { contract: contract as Contract, problem };
}

/** Twelve hex digits that change whenever the contract or one of its statements does. */
export function contractVersion(contract: Contract, statements: Readonly<Record<string, string>>): string {
  return createHash('sha256')
    .update(JSON.stringify([contract, statements]))
    .digest('hex')
    .slice(0, 12);
}

function byPlace(a: ContractProblem, b: ContractProblem): number {
  return a.line - b.line || a.column - b.column || (a.message < b.message ? -1 : 1);
}
