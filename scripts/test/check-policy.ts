import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { installPythonPackages } from '../setup/python-packages.mjs';
import { ROOT } from '../stack/endpoints.ts';

// Checks infra/ with checkov's policies: what fails must stand, with a reason, in infra/policy/exceptions.yaml.
interface Exception {
  readonly check: string;
  readonly modules: readonly string[];
  readonly reason: string;
}

interface Finding {
  readonly check_id: string;
  readonly check_name: string;
  readonly file_path: string;
  readonly resource: string;
}

interface Report {
  readonly results: { readonly failed_checks: readonly Finding[]; readonly parsing_errors?: readonly string[] };
  readonly summary: { readonly passed: number; readonly resource_count: number };
}

const policy = join(ROOT, 'infra', 'policy');
const python = installPythonPackages(join(ROOT, '.landfall', 'checkov'), join(policy, 'requirements.lock'));
const { stdout, stderr, error } = spawnSync(
  python,
  ['-m', 'checkov.main', '-d', join(ROOT, 'infra'), '--framework', 'bicep', '-o', 'json', '--skip-download'],
  { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, env: { ...process.env, LOG_LEVEL: 'ERROR' } },
);
if (error) throw error;
const { results, summary } = parseReport(stdout, stderr);
const exceptions = parse(readFileSync(join(policy, 'exceptions.yaml'), 'utf8')) as readonly Exception[];
const excused = new Set<string>(
  exceptions.flatMap(({ check, modules }) => modules.map((name) => `${check} in ${name}`)),
);
const failed = new Map<string, Finding>(
  results.failed_checks.map((finding) => [`${finding.check_id} in ${moduleOf(finding)}`, finding] as const),
);
const complaints = [
  ...(results.parsing_errors ?? []).map((file) => `${file} could not be parsed`),
  ...exceptions.filter(({ reason }) => !reason).map(({ check }) => `${check} is excused without a reason`),
  ...[...failed]
    .filter(([place]) => !excused.has(place))
    .map(([place, { check_name: name, resource }]) => `${place} (${resource}): ${name}. Mend it, or say why not.`),
  ...[...excused].filter((place) => !failed.has(place)).map((place) => `${place} is excused, but does not fail.`),
];
for (const complaint of complaints) console.error(`infra: ${complaint}`);
if (complaints.length === 0)
  console.log(
    `${summary.passed} checks passed, ${failed.size} are excused with a reason, on ${summary.resource_count} resources`,
  );
process.exitCode = complaints.length === 0 ? 0 : 1;

function moduleOf({ file_path: path }: Finding): string {
  return basename(path, '.bicep');
}

/** The report of the one framework asked for. @throws Error with what checkov said when it gave none */
function parseReport(output: string, errors: string): Report {
  try {
    const report = JSON.parse(output) as Report;
    if (report.summary.resource_count > 0) return report;
  } catch {
    // it did not get that far; what it said is told below
  }
  throw new Error(`checkov gave no report: ${errors.trim() || output.trim() || 'it said nothing'}`);
}
