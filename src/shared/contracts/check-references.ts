import { checkConstraints, checkDrift, checkRules } from './check-rules.ts';
import type { Contract } from './contract.ts';
import { type Finding, type Path, show } from './finding.ts';
import { keepsHistory, VALIDITY } from './history.ts';
import { hint } from './suggest.ts';

const TEXTS = ['csv', 'jsonl', 'json', 'xml', 'access-log', 'text'];

/** Which keys of `arrival` belong to which formats. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  compression: TEXTS,
  encoding: TEXTS,
  csv: ['csv'],
  json: ['jsonl', 'json'],
  xml: ['xml'],
  avro: ['avro'],
  access_log: ['access-log'],
  text: ['text'],
  excel: ['excel'],
  media: ['media'],
};

/** What an entry of a log in the Common or the Combined Log Format has. */
const LOG_FIELDS =
  'host ident user time request method target path query protocol status bytes referer user_agent'.split(' ');

/** What is told of a file, in `databricks/src/landfall_jobs/media/facts.py` with what each means. */
const FACTS = (
  'path name bytes sha256 type type_by_name kind width height thumbnail taken_at camera_make ' +
  'camera_model orientation latitude longitude pages text seconds bitrate_kbps sample_rate_hz channels title author album genre'
).split(' ');

/** What a source must be part of, by format. */
const PARTS: Readonly<Record<string, string>> = {
  text: 'no named group of the pattern',
  'access-log': 'no field of such a log',
  media: 'nothing that is told of a file',
};

const VERDICT = 'verdict';

/** What JSON Schema cannot say: names must refer to what is there, and be there once. */
export function checkReferences(contract: Contract): Finding[] {
  return [
    ...checkArrival(contract),
    ...checkColumns(contract),
    ...checkIdentity(contract),
    ...checkCombine(contract),
    ...checkModel(contract),
    ...checkWarehouse(contract),
    ...twice(['rules'], contract.rules, 'rule'),
    ...checkConstraints(contract),
    ...checkRules(contract),
    ...checkDrift(contract),
    ...twice(['insights'], contract.insights ?? [], 'insight'),
  ];
}

function checkArrival({ arrival, columns }: Contract): Finding[] {
  return [...checkBlocks(arrival), ...checkSet(arrival.set), ...checkSources(arrival, columns)];
}

function checkBlocks(arrival: Contract['arrival']): Finding[] {
  const findings = Object.entries(BLOCKS)
    .filter(([block, formats]) => block in arrival && !formats.includes(arrival.format))
    .map(([block, formats]) =>
      finding(
        ['arrival', block],
        `arrival.${block} is for the format ${formats.join(' or ')}; the format here is ${arrival.format}. Remove it, or correct the format.`,
        'key',
      ),
    );
  if (arrival.format === 'text' && arrival.text === undefined) {
    findings.push(finding(['arrival'], "arrival lacks 'text'; the format text needs its pattern."));
  }
  if (arrival.format === 'xml' && arrival.xml === undefined) {
    findings.push(finding(['arrival'], "arrival lacks 'xml'; the format xml needs the path of its records."));
  }
  if (arrival.format === 'jsonl' && arrival.json?.records !== undefined) {
    const message = 'arrival.json.records is for the format json; in jsonl each line is a record.';
    findings.push(finding(['arrival', 'json', 'records'], message, 'key'));
  }
  return findings;
}

/** What tells when a set is complete, and what names it. */
function checkSet(set: Contract['arrival']['set']): Finding[] {
  if (set === undefined) return [];
  const findings: Finding[] = [];
  if (set.count === undefined && set.manifest === undefined) {
    findings.push(
      finding(['arrival', 'set'], "arrival.set lacks 'count' or 'manifest'; one says when it is complete."),
    );
  }
  if (set.count !== undefined && set.manifest !== undefined) {
    const message = 'arrival.set.count is for sets without a manifest, which says itself what is in them; remove one.';
    findings.push(finding(['arrival', 'set', 'count'], message, 'key'));
  }
  if (!/(^|[^\\])\((?!\?)/.test(set.by)) {
    const message = 'arrival.set.by has no group; what a group matches in the path names the set.';
    findings.push(finding(['arrival', 'set', 'by'], message));
  } else if (!compiles(set.by)) {
    findings.push(finding(['arrival', 'set', 'by'], `'${set.by}' is no regular expression.`));
  }
  if (!/[1-9]/.test(set.deadline)) {
    findings.push(finding(['arrival', 'set', 'deadline'], 'arrival.set.deadline must be longer than nothing.'));
  }
  return findings;
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

/** Columns of lines that are taken apart must be parts of them, those of files what is told of one. */
function checkSources(arrival: Contract['arrival'], columns: Contract['columns']): Finding[] {
  const parts = partsOf(arrival);
  if (parts === undefined) return [];
  return columns.flatMap(({ name, source = name, expression }, index) => {
    if (expression !== undefined || parts.includes(source)) return [];
    const path = ['columns', index, source === name ? 'name' : 'source'];
    return [finding(path, `'${source}' is ${PARTS[arrival.format]}; ${hint(source, parts, 'names')}`)];
  });
}

function partsOf({ format, access_log, text }: Contract['arrival']): readonly string[] | undefined {
  if (format === 'access-log' && access_log?.layout !== 'w3c') {
    return access_log?.layout === 'common' ? LOG_FIELDS.slice(0, -2) : LOG_FIELDS;
  }
  if (format === 'media') return FACTS;
  if (format !== 'text' || text === undefined) return undefined;
  return [...text.pattern.matchAll(/\(\?P?<([A-Za-z_]\w*)>/g)].map(([, group = '']) => group);
}

function checkColumns({ columns }: Contract): Finding[] {
  const sources = new Map<string, string>();
  return [
    ...twice(['columns'], columns, 'column'),
    ...columns.flatMap((column, index) => {
      const at = (key: string): Path => ['columns', index, key];
      const findings: Finding[] = [];
      if (column.name === VERDICT) {
        findings.push(
          finding(at('name'), `Cleansing has a column '${VERDICT}' of its own; give this one another name.`),
        );
      }
      if (column.length !== undefined && column.type !== 'string') {
        findings.push(
          finding(at('length'), `length is for columns of type string; '${column.name}' is ${column.type}.`, 'key'),
        );
      }
      if (column.source === undefined) return findings;
      if (column.expression !== undefined) {
        findings.push(
          finding(at('source'), `'${column.name}' is computed by its expression; it has no source in the file.`, 'key'),
        );
      }
      const other = sources.get(column.source);
      if (other !== undefined) {
        findings.push(
          finding(
            at('source'),
            `'${other}' takes '${column.source}' of the file already; use an expression for a second column of it.`,
          ),
        );
      }
      sources.set(column.source, column.name);
      return findings;
    }),
  ];
}

function checkIdentity(contract: Contract): Finding[] {
  const { columns, identity, rules } = contract;
  const findings: Finding[] = [];
  const byName = new Map(columns.map((column) => [column.name, column]));
  if (identity.key === undefined && identity.on_later_version === 'upsert') {
    findings.push(finding(['identity'], "identity lacks 'key'; add it, or append."));
  }
  if (identity.key !== undefined && identity.on_later_version === 'append') {
    findings.push(finding(['identity', 'key'], 'Rows that are appended have no key; remove it, or upsert.', 'key'));
  }
  identity.key?.forEach((name, index) => {
    const path = ['identity', 'key', index];
    const column = byName.get(name);
    if (column === undefined) findings.push(noColumn(path, name, [...byName.keys()]));
    else if (column.nullable !== false) {
      findings.push(finding(path, `Key column '${name}' must be declared with nullable: false.`));
    }
  });
  if (keepsHistory(contract)) {
    for (const [index, { name }] of columns.entries()) {
      if (!VALIDITY.some((column) => column.name === name)) continue;
      const message = `A dataset with history has a column '${name}' of its own; give this one another name.`;
      findings.push(finding(['columns', index, 'name'], message));
    }
    for (const [index, { unique }] of rules.entries()) {
      if (unique === undefined) continue;
      const message = 'unique compares all rows, and a dataset with history has several versions of one; remove it.';
      findings.push(finding(['rules', index, 'unique'], message, 'key'));
    }
  }
  if (identity.event_time !== undefined) {
    const path = ['identity', 'event_time'];
    const column = byName.get(identity.event_time);
    if (column === undefined) findings.push(noColumn(path, identity.event_time, [...byName.keys()]));
    else if (column.type !== 'timestamp' && column.type !== 'date') {
      findings.push(finding(path, `'${column.name}' is ${column.type}; an event time is a timestamp or a date.`));
    } else if (keepsHistory(contract) && column.nullable !== false) {
      const message = `Event time '${column.name}' must be declared with nullable: false: it is when a version begins.`;
      findings.push(finding(path, message));
    }
  }
  return findings;
}

function checkCombine({ columns, combine = [] }: Contract): Finding[] {
  const own = columns.map(({ name }) => name);
  const taken = new Set(own);
  return combine.flatMap((joined, index) => [
    ...Object.keys(joined.on)
      .filter((name) => !own.includes(name))
      .map((name) => ({ ...noColumn(['combine', index, 'on', name], name, own), on: 'key' as const })),
    ...checkAsOf(columns, joined.as_of, ['combine', index, 'as_of']),
    ...Object.keys(joined.columns).flatMap((name) => {
      if (!taken.has(name)) {
        taken.add(name);
        return [];
      }
      return [
        finding(
          ['combine', index, 'columns', name],
          `There is a column '${name}' already; give this one another name.`,
          'key',
        ),
      ];
    }),
  ]);
}

function checkAsOf(columns: Contract['columns'], name: string | undefined, path: Path): Finding[] {
  if (name === undefined) return [];
  const column = columns.find((candidate) => candidate.name === name);
  const own = columns.map((candidate) => candidate.name);
  if (column === undefined) return [noColumn(path, name, own)];
  if (column.type === 'timestamp' || column.type === 'date') return [];
  return [finding(path, `'${name}' is ${column.type}; a version holds as of a timestamp or a date.`)];
}

function checkModel({ columns, combine = [], model }: Contract): Finding[] {
  if (model === undefined) return [];
  const own = columns.map(({ name }) => name);
  const known = [...own, ...combine.flatMap((joined) => Object.keys(joined.columns))];
  const findings = model.features.flatMap(({ name, expression }, index) =>
    expression === undefined && !known.includes(name)
      ? [noColumn(['model', 'features', index, 'name'], name, known)]
      : [],
  );
  if (!own.includes(model.split.by)) findings.push(noColumn(['model', 'split', 'by'], model.split.by, own));
  if (known.includes(model.prediction)) {
    findings.push(
      finding(
        ['model', 'prediction'],
        `There is a column '${model.prediction}' already; give the prediction another name.`,
      ),
    );
  }
  return [...findings, ...twice(['model', 'features'], model.features, 'feature')];
}

function checkWarehouse({ columns, identity, model, warehouse }: Contract): Finding[] {
  if (warehouse === undefined) return [];
  const known = [...columns.map(({ name }) => name), ...(model === undefined ? [] : [model.prediction])];
  const findings = warehouse.columns.flatMap((name, index) =>
    known.includes(name) ? [] : [noColumn(['warehouse', 'columns', index], name, known)],
  );
  for (const name of (identity.key ?? []).filter((key) => !warehouse.columns.includes(key))) {
    findings.push(finding(['warehouse', 'columns'], `Add the key column '${name}': rows are replaced by their key.`));
  }
  const { distribution } = warehouse;
  if (typeof distribution === 'object' && !warehouse.columns.includes(distribution.hash)) {
    findings.push(
      noColumn(['warehouse', 'distribution', 'hash'], distribution.hash, warehouse.columns, 'the warehouse table'),
    );
  }
  return findings;
}

/** Names that stand in a list more than once. */
function twice(path: Path, items: readonly { readonly name: string }[], kind: string): Finding[] {
  const seen = new Set<string>();
  return items.flatMap(({ name }, index) => {
    if (!seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [finding([...path, index, 'name'], `The ${kind} '${name}' is declared twice; rename or remove one.`)];
  });
}

function noColumn(path: Path, name: string, known: readonly string[], of = 'this dataset'): Finding {
  return finding(path, `${show(path)} names '${name}', which is no column of ${of}; ${hint(name, known, 'columns')}`);
}

function finding(path: Path, message: string, on: Finding['on'] = 'value'): Finding {
  return { path, on, message };
}
