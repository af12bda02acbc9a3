import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readOnlyStorage } from '../emulators/databricks/sql/storage-access.ts';
import { defaultPorts, ROOT, readLocalSettings } from './stack/endpoints.ts';

// `npm run notebook -- explore`: runs a notebook of databricks/notebooks over the running stack's lake, with a credential
// that can only read, shows each cell's result, and opens a page of it. `--interactive` stays at a Python prompt.
const FOLDER = join(ROOT, 'databricks', 'notebooks');
const notebooks = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.py'))
  .map((name) => name.replace(/\.py$/, ''))
  .sort();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    interactive: { type: 'boolean', default: false },
    'no-open': { type: 'boolean', default: false },
    parameter: { type: 'string', multiple: true, default: [] },
  },
});
process.exitCode = await main(positionals[0]?.replace(/\.py$/, ''));

async function main(name: string | undefined): Promise<number> {
  if (name === undefined || !notebooks.includes(name)) {
    console.log(
      `Usage: npm run notebook -- <${notebooks.join('|')}> [--interactive] [--no-open] [--parameter name=value]`,
    );
    return name === undefined ? 0 : 2;
  }
  const settings = readLocalSettings();
  const azurite = `http://127.0.0.1:${defaultPorts(settings).azurite}`;
  if (!(await answers(azurite))) {
    console.error('The local stack is not running: start it with `npm start` (or `npm run demo`) in another terminal.');
    return 1;
  }
  const page = join(ROOT, '.landfall', 'notebooks', `${name}.html`);
  const python =
    process.platform === 'win32' ? join(ROOT, '.venv', 'Scripts', 'python.exe') : join(ROOT, '.venv', 'bin', 'python');
  const { status } = spawnSync(
    python,
    [
      ...[join(ROOT, 'scripts', 'notebook', 'run_notebook.py'), join(FOLDER, `${name}.py`)],
      ...['--root', `abfss://lake@${settings.STORAGE_ACCOUNT_NAME}.dfs.core.windows.net`, '--html', page],
      ...values.parameter.flatMap((parameter) => ['--parameter', parameter]),
      ...(values.interactive ? ['--interactive'] : []),
    ],
    {
      stdio: 'inherit',
      env: readOnlyStorage({
        ...process.env,
        RUST_LOG: 'error',
        AZURITE_BLOB_STORAGE_URL: azurite,
        AZURE_STORAGE_ACCOUNT_NAME: settings.STORAGE_ACCOUNT_NAME,
        AZURE_STORAGE_ACCOUNT_KEY: settings.STORAGE_ACCOUNT_KEY,
      }),
    },
  );
  console.log(`\nThe page is ${page}`);
  if (!values['no-open'] && process.stdout.isTTY) openPage(page);
  return status ?? 1;
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return true;
  } catch {
    return false;
  }
}

/** Opens a file with what the desktop opens pages with; where there is none, nothing happens. */
function openPage(path: string): void {
  const opener = { darwin: 'open', win32: 'explorer' }[process.platform as string] ?? 'xdg-open';
  spawnSync(opener, [path], { stdio: 'ignore' });
}
