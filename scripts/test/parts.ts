import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pythonProgram, ROOT } from '../stack/endpoints.ts';

/** How many checks of a part passed and failed. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** One part of `npm test`: a command, and how its outcome is counted. */
export interface Part {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Counts after the command ended; a command that fails counts as one failure at least. */
  readonly tally: (status: number) => Tally;
  /** It may go on beside others, since it needs one core only and little time. */
  readonly beside: boolean;
}

const node = process.execPath;
const package_ = (path: string): string => join(ROOT, 'node_modules', path);
const report = (name: string): string => join(ROOT, '.landfall', 'test', name);

/** A check that passes or fails as a whole. */
function check(name: string, command: string, args: readonly string[]): Part {
  return {
    name,
    command,
    args,
    beside: true,
    tally: (status) => (status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
  };
}

function jest(name: string, config: string, tests: readonly string[] = []): Part {
  const output = report(`${name}.json`);
  rmSync(output, { force: true });
  return {
    name,
    command: node,
    args: [
      ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', package_('jest/bin/jest.js')],
      ...['--config', config, '--json', '--outputFile', output],
      ...tests,
    ],
    beside: false,
    tally: () => {
      const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(
        readFileSync(output, 'utf8'),
      ) as Record<string, number>;
      return { passed: numPassedTests ?? 0, failed: (numFailedTests ?? 0) + (numRuntimeErrorTestSuites ?? 0) };
    },
  };
}

function pytest(): Part {
  const output = report('pytest.xml');
  rmSync(output, { force: true });
  return {
    name: 'pytest',
    command: pythonProgram('pytest'),
    // As many workers as Jest has; a file's tests stay together, with what they share.
    args: ['-q', '-n', '2', '--dist', 'loadfile', `--junitxml=${output}`],
    beside: false,
    tally: () => {
      const suite = /<testsuite [^>]*>/.exec(readFileSync(output, 'utf8'))?.[0] ?? '';
      const count = (attribute: string): number => Number(new RegExp(`${attribute}="(\\d+)"`).exec(suite)?.[1] ?? 0);
      const failed = count('failures') + count('errors');
      return { passed: count('tests') - failed - count('skipped'), failed };
    },
  };
}

/** Everything that `npm test` runs, in order: the quick ones first, and of those the longest. */
export function parts(): readonly Part[] {
  return [
    check('policy of infra', node, [join(ROOT, 'scripts', 'test', 'check-policy.ts')]),
    check('types of Python', pythonProgram('mypy'), []),
    check('types', node, [package_('typescript/bin/tsc'), '-p', 'tsconfig.json']),
    check('types of the web app', node, [package_('typescript/bin/tsc'), '-p', 'web/tsconfig.json']),
    check('types of the page of instances', node, [
      package_('typescript/bin/tsc'),
      ...['-p', 'emulators/functions-host/durable-page/public/tsconfig.json'],
    ]),
    check('lint TypeScript', node, [package_('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings', '.']),
    check('lint Python', pythonProgram('ruff'), ['check', '.']),
    check('format Python', pythonProgram('ruff'), ['format', '--check', '.']),
    check('warehouse T-SQL', node, [join(ROOT, 'scripts', 'test', 'check-warehouse.ts')]),
    jest('jest', 'jest.config.json'),
    pytest(),
    // Two stacks at a time; but who watches pages live has the machine to themselves.
    jest('end to end', 'jest.e2e.config.json', ['--testPathIgnorePatterns', '/web\\.test\\.ts$']),
    jest('web app', 'jest.e2e.config.json', ['/web\\.test\\.ts$']),
  ];
}
