// The way in: `npm run <command>` on any Node ≥ 20. Sets up what is missing, then runs the command under the pinned Node.
// Plain JavaScript, since it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeModelStore } from './setup/model-store.mjs';
import { installNodePackages, pinnedNode, root } from './setup/node-packages.mjs';
import { installPythonPackages } from './setup/python-packages.mjs';
import { produceRawFiles } from './setup/raw-files.mjs';
import { buildWebApp } from './setup/web-app.mjs';

const COMMANDS = ['setup', 'build', 'demo', 'start', 'reset', 'test', 'bench', 'notebook', 'dataset', 'test:spark'];

function main() {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined || !COMMANDS.includes(command)) {
    console.error(`Usage: npm run <${COMMANDS.join('|')}>`);
    return 2;
  }
  if (command === 'reset') return runScript('reset.mjs', process.execPath, args);
  if (command === 'dataset') return runAuthoring(args);
  installNodePackages();
  // Node keeps what it has compiled: each of the stack's processes starts faster.
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'node-compile-cache');
  const node = pinnedNode();
  if (command === 'build') return compile(node);
  installPythonPackages();
  produceRawFiles();
  makeModelStore();
  const compiled = compile(node);
  if (compiled !== 0 || command === 'setup') return compiled;
  return runScript(`${command.replace(':', '-')}.ts`, node, args);
}

function compile(node) {
  buildWebApp(node);
  // What is left of a source that is gone would still be loaded as a function.
  for (const folder of readdirSync(join(root, 'src'))) {
    rmSync(join(root, 'dist', folder), { recursive: true, force: true });
  }
  return run(node, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
}

function runScript(name, node, args) {
  const path = join(root, 'scripts', name);
  if (!existsSync(path)) throw new Error(`scripts/${name} is missing`);
  return run(node, ['--disable-warning=ExperimentalWarning', path, ...args]);
}

/** Contracts are written and checked by the package of jobs itself, which needs nothing of Node. */
function runAuthoring(args) {
  process.env.PYTHONPATH = join(root, 'databricks', 'src');
  // npm runs scripts in the root; the files that somebody names are where they are.
  return run(installPythonPackages(), ['-m', 'landfall_jobs.authoring', ...args], process.env.INIT_CWD);
}

function run(command, args, cwd = root) {
  // Ctrl-C reaches the child too, which then ends in its own order; this process only waits for it.
  const ignore = () => {};
  process.on('SIGINT', ignore);
  const { status, signal, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (error) throw error;
  return signal === null ? (status ?? 1) : 1;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
