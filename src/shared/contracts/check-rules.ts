import type { Column, ColumnType, Contract, Rule } from './contract.ts';
import { type Finding, type Path, show } from './finding.ts';
import { hint } from './suggest.ts';

/** What a column may say of its values. */
const CONSTRAINTS = ['minimum', 'maximum', 'allowed', 'pattern'] as const;

const ROW_KINDS = ['expression', 'unique', 'exists_in'] as const;

/** Kinds of rules that judge a batch, not its rows. */
const BATCH_KINDS = ['freshness', 'row_count', 'distribution'] as const;

const KINDS = [...ROW_KINDS, ...BATCH_KINDS];

/** What the books and the warnings have names for already. */
const RESERVED = (
  'allowed changed-type damaged empty encoding encrypted fields json length maximum minimum missing-column ' +
  'new-column not-null pattern reference-missing too-large too-long type xml'
).split(' ');

const NUMBERS: readonly ColumnType[] = ['int', 'bigint', 'double'];

const TIMES: Readonly<Partial<Record<ColumnType, RegExp>>> = {
  date: /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  timestamp:
    /^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?$/,
};

/** Checks what columns say of their values. */
export function checkConstraints({ columns }: Contract): Finding[] {
  return columns.flatMap((column, index) => checkColumn(['columns', index], column));
}

function checkColumn(path: Path, column: Column): Finding[] {
  const { name, type, minimum, maximum, allowed } = column;
  const findings = (['minimum', 'maximum'] as const).flatMap((key) => {
    const bound = column[key];
    return bound === undefined ? [] : checkBound([...path, key], key, bound, column);
  });
  if (isAbove(minimum, maximum)) {
    const message = `The maximum of '${name}' is below its minimum; exchange them.`;
    findings.push(finding([...path, 'maximum'], message));
  }
  if (allowed !== undefined) findings.push(...checkAllowed([...path, 'allowed'], allowed, column));
  if (column.pattern !== undefined && type !== 'string') {
    const message = `pattern is for columns of type string; '${name}' is ${type}.`;
    findings.push(finding([...path, 'pattern'], message, 'key'));
  }
  const has = CONSTRAINTS.some((constraint) => column[constraint] !== undefined);
  for (const key of ['outcome', 'max_share'] as const) {
    if (column[key] === undefined || has) continue;
    const message = `${key} belongs to minimum, maximum, allowed or pattern; '${name}' has none of them.`;
    findings.push(finding([...path, key], message, 'key'));
  }
  return [...findings, ...checkShare(path, column)];
}

function checkBound(path: Path, key: string, bound: number | string, { name, type }: Column): Finding[] {
  const form = TIMES[type];
  if (NUMBERS.includes(type)) {
    if (typeof bound === 'number') return [];
    return [finding(path, `${show(path)} is '${bound}'; '${name}' is ${type}, so it must be a number.`)];
  }
  if (form === undefined) {
    return [finding(path, `${key} is for numbers, dates and timestamps; '${name}' is ${type}.`, 'key')];
  }
  if (typeof bound === 'string' && form.test(bound)) return [];
  return [finding(path, `${show(path)} is ${shown(bound)}; '${name}' is a ${type}, so it must be one in ISO 8601.`)];
}

function isAbove(minimum: unknown, maximum: unknown): boolean {
  if (typeof minimum === 'string' && typeof maximum === 'string') return minimum > maximum;
  return typeof minimum === 'number' && typeof maximum === 'number' && minimum > maximum;
}

function checkAllowed(path: Path, allowed: readonly (number | string)[], { name, type }: Column): Finding[] {
  if (type !== 'string' && !NUMBERS.includes(type)) {
    return [finding(path, `allowed is for texts and numbers; '${name}' is ${type}.`, 'key')];
  }
  const wanted = type === 'string' ? 'a text; put it in quotes' : 'a number';
  return allowed.flatMap((value, index) => {
    if ((typeof value === 'string') === (type === 'string')) return [];
    const at = [...path, index];
    return [finding(at, `${show(at)} is ${shown(value)}; '${name}' is ${type}, so it must be ${wanted}.`)];
  });
}

/** Checks what rules there are. */
export function checkRules(contract: Contract): Finding[] {
  return contract.rules.flatMap((rule, index) => checkRule(['rules', index], rule, contract));
}

function checkRule(path: Path, rule: Rule, contract: Contract): Finding[] {
  const findings: Finding[] = [];
  if (RESERVED.includes(rule.name)) {
    const message = `'${rule.name}' is what the books call a fault of form; give the rule another name.`;
    findings.push(finding([...path, 'name'], message));
  }
  const kinds = KINDS.filter((kind) => rule[kind] !== undefined);
  const [kind, ...more] = kinds;
  if (kind === undefined || more.length > 0) {
    const has = kinds.length === 0 ? 'none' : `${kinds.length}: ${kinds.join(', ')}`;
    return [...findings, finding(path, `${show(path)} must have one of ${KINDS.join(', ')}; it has ${has}.`)];
  }
  findings.push(...checkAbout(path, rule, contract));
  if (BATCH_KINDS.some((one) => one === kind)) findings.push(...checkBatchRule(path, rule, kind));
  return [...findings, ...checkShare(path, rule)];
}

function checkBatchRule(path: Path, rule: Rule, kind: string): Finding[] {
  const findings: Finding[] = [];
  if (rule.outcome === 'quarantine') {
    const message = `${kind} judges a batch, of which no row is to blame; the outcome is warn or fail.`;
    findings.push(finding([...path, 'outcome'], message));
  }
  if (rule.max_share !== undefined) {
    findings.push(finding([...path, 'max_share'], `${kind} judges a batch, not rows; remove max_share.`, 'key'));
  }
  if (isAbove(rule.row_count?.minimum, rule.row_count?.maximum)) {
    const message = 'The maximum of row_count is below its minimum; exchange them.';
    findings.push(finding([...path, 'row_count', 'maximum'], message));
  }
  return findings;
}

/** Columns that a rule names must be there, and be of a type that it can judge. */
function checkAbout(path: Path, rule: Rule, { columns, identity }: Contract): Finding[] {
  const types = new Map(columns.map(({ name, type }) => [name, type]));
  const known = [...types.keys()];
  const unknown = (at: Path, name: string, on: Finding['on'] = 'value'): Finding[] =>
    types.has(name)
      ? []
      : [
          finding(
            at,
            `${show(at)} names '${name}', which is no column of this dataset; ${hint(name, known, 'columns')}`,
            on,
          ),
        ];
  const findings = [
    ...(rule.unique ?? []).flatMap((name, index) => unknown([...path, 'unique', index], name)),
    ...Object.keys(rule.exists_in?.on ?? {}).flatMap((name) =>
      unknown([...path, 'exists_in', 'on', name], name, 'key'),
    ),
  ];
  if (rule.freshness !== undefined && identity.event_time === undefined) {
    const message = 'freshness is told by identity.event_time, which the contract lacks; add it.';
    findings.push(finding([...path, 'freshness'], message, 'key'));
  }
  if (rule.distribution === undefined) return findings;
  const at = [...path, 'distribution', 'column'];
  const { column } = rule.distribution;
  findings.push(...unknown(at, column));
  const type = types.get(column);
  if (type !== undefined && TIMES[type] !== undefined) {
    const message = `'${column}' is a ${type}; a distribution is of numbers, texts, or true and false.`;
    findings.push(finding(at, message));
  }
  return findings;
}

function checkShare(path: Path, { outcome, max_share }: Pick<Column, 'outcome' | 'max_share'>): Finding[] {
  if (max_share === undefined || outcome !== 'fail') return [];
  const message = 'With the outcome fail no row may break it; remove max_share.';
  return [finding([...path, 'max_share'], message, 'key')];
}

/** New columns are known in files that name them. */
export function checkDrift({ arrival, drift }: Contract): Finding[] {
  const withoutNames =
    ['text', 'media'].includes(arrival.format) ||
    (arrival.format === 'access-log' && arrival.access_log?.layout !== 'w3c') ||
    arrival.csv?.header === false;
  if (!withoutNames || drift?.new_columns === undefined) return [];
  const message = 'Files of this format bring no columns of their own; remove new_columns.';
  return [finding(['drift', 'new_columns'], message, 'key')];
}

function shown(value: number | string): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}

function finding(path: Path, message: string, on: Finding['on'] = 'value'): Finding {
  return { path, on, message };
}
