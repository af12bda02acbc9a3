import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Contract } from './contract.ts';
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
  return (contract.combine ?? []).flatMap(({ dataset, on, columns, as_of }, index) => {
    if (!names.includes(dataset)) {
      return [
        finding(
          ['combine', index, 'dataset'],
          `'${dataset}' is no dataset; ${hint(dataset, names, 'datasets').replace('its', 'the')}`,
        ),
      ];
    }
    const other = others.get(dataset);
    if (other === undefined) return [];
    const known = [...other.columns, ...validityColumns(other)].map(({ name }) => name);
    const unversioned =
      as_of === undefined || keepsHistory(other)
        ? []
        : [
            finding(
              ['combine', index, 'as_of'],
              `${dataset} keeps no history; remove as_of, or have ${dataset} keep it.`,
            ),
          ];
    const dangling = Object.entries({ on, columns }).flatMap(([block, pairs]) =>
      Object.entries(pairs)
        .filter(([, there]) => !known.includes(there))
        .map(([here, there]) =>
          finding(
            ['combine', index, block, here],
            `'${there}' is no column of ${dataset}; ${hint(there, known, 'columns')}`,
          ),
        ),
    );
    return [...dangling, ...unversioned];
  });
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
