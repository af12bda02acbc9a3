import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnType, Contract } from './contract.ts';
import type { Finding, Path } from './finding.ts';
import { keepsHistory, validityColumns } from './history.ts';
import type { ContractProblem, ContractSource } from './parse-contract.ts';
import { hint } from './suggest.ts';

/** A contract and the folder that it stands in. */
export interface FolderSource extends ContractSource {
  readonly folder: string;
  readonly name: string;
}

/**
 * What no contract can tell alone: names must refer to datasets, columns and files that exist.
 * @param names all folders, those with a contract that cannot be read included
 */
export function checkTogether(sources: readonly FolderSource[], names: readonly string[]): ContractProblem[] {
  const others = new Map(sources.map(({ name, contract }) => [name, contract]));
  return sources.flatMap((source, index) =>
    [
      ...checkFolder(source),
      ...checkCombine(source.contract, others, names),
      ...checkShared(
        source.contract,
        sources.slice(0, index).map(({ contract }) => contract),
      ),
    ].map(source.problem),
  );
}

function checkFolder({ folder, name, contract }: FolderSource): Finding[] {
  const findings: Finding[] = [];
  if (contract.dataset !== name) {
    findings.push(finding(['dataset'], `dataset is '${contract.dataset}', the folder '${name}'; make them the same.`));
  }
  for (const [index, { sql }] of (contract.insights ?? []).entries()) {
    if (!existsSync(join(folder, sql))) {
      findings.push(finding(['insights', index, 'sql'], `There is no file '${sql}' beside the contract.`));
    }
  }
  return findings;
}

function checkCombine(contract: Contract, others: ReadonlyMap<string, Contract>, names: readonly string[]): Finding[] {
  const check = (path: Path, dataset: string, blocks: Pairs): Finding[] =>
    checkPairs(path, contract, dataset, blocks, others, names);
  return [
    ...(contract.combine ?? []).flatMap(({ dataset, on, columns, as_of }, index) => [
      ...check(['combine', index], dataset, { on, columns }),
      ...checkAsOf(['combine', index, 'as_of'], dataset, as_of, others),
    ]),
    ...contract.rules.flatMap(({ exists_in }, index) =>
      exists_in === undefined ? [] : check(['rules', index, 'exists_in'], exists_in.dataset, { on: exists_in.on }),
    ),
  ];
}

/** A time says which version of a row is meant only where there are several. */
function checkAsOf(
  path: Path,
  dataset: string,
  asOf: string | undefined,
  others: ReadonlyMap<string, Contract>,
): Finding[] {
  const other = others.get(dataset);
  if (asOf === undefined || other === undefined || keepsHistory(other)) return [];
  return [finding(path, `${dataset} keeps no history; remove as_of, or have ${dataset} keep it.`)];
}

/** Pairs of (column here, column there), by the key that they stand under. */
type Pairs = Readonly<Record<string, Readonly<Record<string, string>>>>;

function checkPairs(
  path: Path,
  contract: Contract,
  dataset: string,
  blocks: Pairs,
  others: ReadonlyMap<string, Contract>,
  names: readonly string[],
): Finding[] {
  if (!names.includes(dataset)) {
    const meant = hint(dataset, names, 'datasets').replace('its', 'the');
    return [finding([...path, 'dataset'], `'${dataset}' is no dataset; ${meant}`)];
  }
  const other = others.get(dataset);
  if (other === undefined) return [];
  const [known, own] = [typesOf(other), typesOf(contract)];
  return Object.entries(blocks).flatMap(([block, pairs]) =>
    Object.entries(pairs).flatMap(([here, there]) => {
      const [type, typeThere] = [own.get(here), known.get(there)];
      const at = [...path, block, here];
      if (typeThere === undefined) {
        const meant = hint(there, [...known.keys()], 'columns');
        return [finding(at, `'${there}' is no column of ${dataset}; ${meant}`)];
      }
      if (block !== 'on' || type === undefined || kindOf(type) === kindOf(typeThere)) return [];
      const message = `'${here}' is ${type}, '${there}' of ${dataset} is ${typeThere}; compare columns of one type.`;
      return [finding(at, message)];
    }),
  );
}

function typesOf(contract: Contract): Map<string, ColumnType> {
  return new Map([...contract.columns, ...validityColumns(contract)].map(({ name, type }) => [name, type]));
}

/** Numbers of any type may be equal. */
function kindOf(type: ColumnType): string {
  return ['int', 'bigint', 'double'].includes(type) ? 'number' : type;
}

/** What only one dataset may claim. */
function checkShared(contract: Contract, before: readonly Contract[]): Finding[] {
  const findings: Finding[] = [];
  const sameTable = before.find(({ warehouse }) => warehouse?.table === contract.warehouse?.table && warehouse);
  if (contract.warehouse !== undefined && sameTable !== undefined) {
    findings.push(
      finding(
        ['warehouse', 'table'],
        `${sameTable.dataset} fills '${contract.warehouse.table}' already; name another table.`,
      ),
    );
  }
  const samePath = before.find(({ arrival }) => arrival.path === contract.arrival.path);
  if (samePath !== undefined) {
    findings.push(
      finding(
        ['arrival', 'path'],
        `${samePath.dataset} expects its files there already; a file belongs to one dataset.`,
      ),
    );
  }
  return findings;
}

function finding(path: Path, message: string): Finding {
  return { path, on: 'value', message };
}
