import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pythonProgram } from '../../scripts/stack/endpoints.ts';
import { personToken } from './support/person-token.ts';
import { startTestStack, type TestStack } from './support/test-stack.ts';

const CASES = 1000;
const SEED = 20130101;
/** What is not asked of the API, and why. */
const NOT_CHECKED = {
  positive_data_acceptance: 'no schema can say which cursors were given out or which SQL is right',
  unsupported_method: 'the Functions host answers 404, not 405, for a method that no function has; so does Azure',
};

interface Report {
  readonly complete: boolean;
  readonly operations: { readonly selected: number; readonly tested: number; readonly errored: number };
  readonly test_cases: { readonly generated: number; readonly with_failures: number; readonly errored: number };
  readonly failures: readonly unknown[];
}

type Paths = Readonly<
  Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Answer>> }>>>
>;
interface Answer {
  readonly content?: Readonly<Record<string, unknown>>;
}

describe('the document of the API', () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await startTestStack();
    const some = await stack.correctedMonth('2013-01.csv', (lines) => lines.slice(0, 2000));
    const [file] = await stack.land({ 'flights/2013-01.csv': some });
    expect(file?.status).toBe('published');
  });
  afterAll(() => stack.dispose());

  test(`is kept by the app in ${CASES} cases that Schemathesis makes of it: no error of ours, no answer but as described`, async () => {
    const document = (await (await fetch(`${stack.api.url}/openapi.json`)).json()) as { paths: Paths };
    const streams = Object.entries(document.paths).filter(([, item]) =>
      JSON.stringify(item).includes('text/event-stream'),
    );
    const operations = Object.values(document.paths).flatMap((item) => Object.keys(item)).length - streams.length;
    const { report, output } = await runSchemathesis(
      stack,
      document,
      Math.ceil(CASES / operations),
      streams.map(([path]) => path),
    );
    if (report.failures.length > 0) throw new Error(output.slice(output.indexOf('= FAILURES')));
    expect(report).toMatchObject({
      complete: true,
      operations: { tested: operations, errored: 0 },
      test_cases: { with_failures: 0, errored: 0 },
    });
    expect(report.test_cases.generated).toBeGreaterThanOrEqual(CASES);
  });
});

/** Runs every operation but streams of events, which do not end, with the token of an account that may do everything. */
async function runSchemathesis(
  { api, settings, stateFolder }: TestStack,
  document: object,
  casesAnOperation: number,
  streams: readonly string[],
): Promise<{ readonly report: Report; readonly output: string }> {
  const folder = join(stateFolder, 'schemathesis');
  mkdirSync(folder);
  const token = await personToken(settings.AUTH_ISSUER ?? '', 'admin@landfall.example');
  const reportFile = join(folder, 'report.json');
  // From a file, since the tool leaves out the address that a document came from.
  const documentFile = join(folder, 'openapi.json');
  writeFileSync(documentFile, JSON.stringify(document));
  const args = [
    ...['run', documentFile, '--url', new URL(api.url).origin, '--header', `Authorization: Bearer ${token}`],
    ...['--seed', String(SEED), '--max-examples', String(casesAnOperation), '--phases', 'coverage,fuzzing'],
    ...['--exclude-checks', Object.keys(NOT_CHECKED).join(), '--continue-on-failure', '--no-shrink'],
    ...['--request-timeout', '30', '--report', 'json', '--report-json-path', reportFile],
    ...streams.flatMap((path) => ['--exclude-path', path]),
  ];
  const output = await new Promise<string>((resolve) => {
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
    execFile(pythonProgram('schemathesis'), args, options, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });
  try {
    return { report: JSON.parse(readFileSync(reportFile, 'utf8')) as Report, output };
  } catch (cause) {
    throw new Error(`Schemathesis left no report: ${output}`, { cause });
  }
}
