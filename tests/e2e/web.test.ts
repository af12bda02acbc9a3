import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { ApiFile, ApiInsightPage } from '../../scripts/api-client.ts';
import { landBytes, landFile } from '../../scripts/demo/land-files.ts';
import { ROOT } from '../../scripts/stack/endpoints.ts';
import {
  audit,
  DESKTOP,
  installabilityErrors,
  launchBrowser,
  PHONE,
  screenshot,
  signIn,
  type Visitor,
  visit,
} from './support/browser.ts';
import { FLIGHTS, startTestStack, type TestStack } from './support/test-stack.ts';

const month = (number: number): string => `2013-${String(number).padStart(2, '0')}.csv`;

describe('the web app', () => {
  let stack: TestStack;
  let browser: Browser;
  let origin: string;
  /** A copy, so that a contract can be changed. */
  let datasets: string;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    datasets = mkdtempSync(join(tmpdir(), 'landfall-datasets-'));
    cpSync(join(ROOT, 'datasets'), datasets, { recursive: true });
    process.env.DATASETS_FOLDER = datasets;
    stack = await startTestStack();
    delete process.env.DATASETS_FOLDER;
    origin = new URL(stack.api.url).origin;
    await stack.landReference();
    await stack.land({ 'flights/2013-01.csv': join(FLIGHTS, month(1)) });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.dispose();
    rmSync(datasets, { recursive: true, force: true });
  });

  afterEach(async () => {
    await Promise.all(visitors.splice(0).map(({ context }) => context.close()));
  });

  const enter = async (user: string, path: string, device = DESKTOP): Promise<Visitor> => {
    const visitor = await visit(browser, device);
    visitors.push(visitor);
    await signIn(visitor, origin, user, path);
    return visitor;
  };
  const land = (number: number): Promise<string> =>
    landFile(stack.blobs, join(FLIGHTS, month(number)), `flights/${month(number)}`);

  test('signs people in, offers what their roles allow, and lets them leave', async () => {
    const reader = await enter('reader', '/app/explore');
    const { page } = reader;
    await page.getByText('does not have the role Data.Query').waitFor();
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual(['Insights', 'Operations']);
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).not.toContain('eyJ');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);

    const guest = await enter('guest', '/app/');
    await guest.page.getByText('does not have the role Insights.Read').waitFor();
    expect(await guest.page.getByRole('navigation').getByRole('link').count()).toBe(0);
    expect(guest.asked).toEqual(['/api/sign-in', '/api/sign-in']);
  });

  test('asks to sign in again when a token is no longer taken, and comes back to where it was', async () => {
    const { page } = await enter('reader', '/app/insights/flights/airport-day');
    await page.getByRole('heading', { name: 'Airport day' }).waitFor();
    await page.evaluate(`
      const session = JSON.parse(sessionStorage.getItem('landfall-session'));
      sessionStorage.setItem('landfall-session', JSON.stringify({ ...session, access: session.access.slice(0, -3) }));
    `);
    await page.reload();
    await page.getByText('Your sign-in has expired').waitFor();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Airport day' }).waitFor();
  });

  test('shows an insight with filters, a chart and a map, as the API tells it', async () => {
    const visitor = await enter('reader', '/app/');
    const { page } = visitor;
    await page.getByRole('link', { name: /Route risk/ }).click();
    await page.getByLabel('Origin').selectOption('JFK');
    await page.getByLabel('Measure').selectOption('flights');
    const { items } = await stack.client.get<ApiInsightPage>('/insights/flights/route-risk?origin=JFK&limit=1000');
    await page.getByText(new RegExp(`^${items.length} rows`)).waitFor();

    const located = items.filter(({ dest_lat: latitude }) => latitude !== null);
    await page.getByRole('img', { name: `${located.length} routes` }).waitFor();
    expect(await page.locator('.map path.arc').count()).toBe(located.length);

    const largest = items.toSorted((a, b) => Number(b.flights) - Number(a.flights)).slice(0, 3);
    await page.getByText('Chart as a table').click();
    const cells = await page.getByRole('region', { name: 'Flights, as a table' }).getByRole('cell').allTextContents();
    expect(cells.slice(0, 6)).toEqual(
      largest.flatMap(({ origin: from, dest, flights }) => [`${from} → ${dest}`, Number(flights).toLocaleString('en')]),
    );

    await page.getByRole('button', { name: `JFK → ${items[0]?.dest}`, exact: true }).click();
    const detail = page.getByRole('region', { name: `Row JFK → ${items[0]?.dest}` });
    await detail.getByRole('img', { name: /Risk by hour/ }).waitFor();
    await screenshot(visitor, 'insight');
    expect(visitor.complaints).toEqual([]);
  });

  test('shows files live while they land, without asking for the lists again', async () => {
    const visitor = await enter('operator', '/app/operations');
    const { page, asked } = visitor;
    await page.getByText('Live', { exact: true }).waitFor();
    await page.getByRole('row', { name: /2013-01\.csv/ }).waitFor();
    await land(2);
    const row = page.getByRole('row', { name: /2013-02\.csv/ });
    await row.waitFor();
    await screenshot(visitor, 'operations-under-way');
    await row.getByText('Published').waitFor();
    expect(asked.filter((path) => path === '/api/files')).toHaveLength(1);
    await page.getByRole('link', { name: 'flights #2', exact: true }).click();
    const steps = page.getByRole('list', { name: 'Steps' }).getByRole('listitem');
    await steps.filter({ hasText: 'Publish' }).waitFor();
    expect(await page.getByText(/read = /).textContent()).toBe(
      '24,951 read = 24,951 loaded + 0 quarantined + 0 duplicates + 0 superseded',
    );
    await screenshot(visitor, 'run');
    expect(visitor.complaints).toEqual([]);
  });

  test('cancels a run and resumes it', async () => {
    const { page } = await enter('operator', '/app/operations');
    await page.getByText('Live', { exact: true }).waitFor();
    // One file, so that no batch follows; four months of it, so that there is enough to do to be cancelled.
    const months = [3, 4, 5, 6].map((number) => readFileSync(join(FLIGHTS, month(number)), 'utf8'));
    const spring = [months[0], ...months.slice(1).map((text) => text.slice(text.indexOf('\n') + 1))].join('');
    await landBytes(stack.blobs, Buffer.from(spring), 'flights/spring.csv');
    await page.getByRole('link', { name: /flights #\d+ Running 1 file/ }).click();
    const run = page.getByRole('region', { name: /^flights #/ });
    await run.getByRole('button', { name: 'Cancel run' }).click();
    await run.getByText('Canceled', { exact: true }).waitFor();
    await run
      .getByText(/cancelled on request/)
      .first()
      .waitFor();
    await run.getByRole('button', { name: 'Resume run' }).click();
    await run.getByText('Succeeded', { exact: true }).waitFor();
  });

  test('shows the rows of a file that were refused, gives them back as a file, and says what a replay would change', async () => {
    const [header = '', ...rows] = readFileSync(join(FLIGHTS, month(8)), 'utf8')
      .split('\n')
      .slice(0, 301);
    const bad = rows.slice(0, 120).map((row) => row.replace('2013,8', '2013,August'));
    await stack.landText('flights/dirty.csv', `${[header, ...bad, ...rows.slice(120)].join('\n')}\n`);
    const visitor = await enter('operator', '/app/operations');
    const { page } = visitor;
    const row = page.getByRole('row', { name: /flights\/dirty\.csv/ });
    await row.getByText('Quarantined rows').click();
    await row.getByRole('button', { name: 'Show rows' }).click();
    const refused = row.getByRole('region', { name: 'Quarantined rows of flights/dirty.csv' });
    await refused.getByRole('row', { name: /^2 type month: 'August' is not an int 2013,August/ }).waitFor();
    await screenshot(visitor, 'quarantine');
    for (const lines of [50, 75, 100, 120]) {
      await row.getByRole('button', { name: 'Load more rows' }).click();
      await refused.getByRole('row', { name: new RegExp(`^${lines + 1} type`) }).waitFor();
    }
    expect(await row.getByRole('button', { name: 'Load more rows' }).count()).toBe(0);
    expect(await audit(visitor)).toEqual([]);
    const downloading = page.waitForEvent('download');
    await row.getByRole('button', { name: 'Download rows' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toBe('dirty.quarantined.csv');
    expect(readFileSync(await download.path(), 'utf8')).toBe(`${[header, ...bad].join('\n')}\n`);
    await row.getByRole('button', { name: 'Replay file' }).click();
    await row.getByText(/read under the present version of the contract/).waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  test('tells what a backfill comes to, starts it, and shows what became of its canary', async () => {
    const again = readFileSync(join(FLIGHTS, month(1)), 'utf8')
      .split('\n')
      .slice(0, 11)
      .join('\n');
    await stack.landText('flights/again.csv', `${again}\n`);
    const contract = join(datasets, 'flights', 'dataset.yaml');
    writeFileSync(contract, readFileSync(contract, 'utf8').replace('description: ', 'description: Once more, '));
    await stack.kill('functions-host');
    await stack.start('functions-host');
    const visitor = await enter('operator', '/app/operations');
    const { page } = visitor;
    await page.getByRole('link', { name: 'Backfill…' }).click();
    const form = page.getByRole('region', { name: 'Backfill' });
    await form.getByLabel('Dataset').selectOption('flights');
    await form.getByLabel('Path fits').fill('flights/a*.csv');
    await form.getByRole('button', { name: 'Preview' }).click();
    await form.getByText('10, of which 0 are refused now').waitFor();
    await form.getByText('flights: Carrier punctuality').waitFor();
    await screenshot(visitor, 'backfill-preview');
    await form.getByRole('button', { name: 'Start backfill' }).click();
    const run = page.getByRole('region', { name: 'flights, backfill' });
    await run.getByText('Succeeded', { exact: true }).waitFor();
    await run.getByText(/Canary flights\/again\.csv passed\. 0 % of its rows were refused before/).waitFor();
    await run.getByText('1 of 1 files').waitFor();
    await screenshot(visitor, 'backfill');
    expect(await audit(visitor)).toEqual([]);
    expect(visitor.complaints).toEqual([]);
  });

  test('runs SQL, shows grid and chart, and gives the rows as CSV', async () => {
    const visitor = await enter('analyst', '/app/explore');
    const { page } = visitor;
    const statement = page.getByLabel('Statement');
    await statement.fill(
      `SELECT carrier, count(*) AS flights, 'a "b", c' AS note FROM main.silver.flights WHERE month = 1 GROUP BY carrier ORDER BY carrier`,
    );
    await statement.press('Control+Enter');
    const grid = page.getByRole('region', { name: 'Rows of the result' });
    await grid.getByRole('row', { name: /^UA 4,637/ }).waitFor();
    await page.getByRole('img', { name: /Flights by carrier/ }).waitFor();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const lines = readFileSync(await (await downloading).path(), 'utf8')
      .trimEnd()
      .split('\r\n');
    expect(lines[0]).toBe('carrier,flights,note');
    expect(lines).toContain('UA,4637,"a ""b"", c"');
    expect(lines).toHaveLength(await grid.getByRole('row').count());
    await screenshot(visitor, 'explore');

    await statement.fill('DROP TABLE main.silver.flights');
    await page.getByRole('button', { name: 'Run' }).click();
    await page
      .getByRole('alert')
      .getByText(/begins with DROP/)
      .waitFor();

    await statement.fill('SELECT sum(a.id * b.id) FROM range(10000000) a CROSS JOIN range(10000000) b');
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('The statement was stopped.').waitFor();
  });

  test('takes a file by drag and drop, and shows how it becomes an insight', async () => {
    const visitor = await enter('operator', '/app/upload');
    const { page } = visitor;
    const text = readFileSync(join(FLIGHTS, month(7)), 'utf8')
      .split('\n')
      .slice(0, 3001)
      .join('\n');
    await page.getByText('Drop a file here').waitFor();
    const dataTransfer = await page.evaluateHandle(
      `(() => { const data = new DataTransfer(); data.items.add(new File([${JSON.stringify(text)}], 'July flights.csv')); return data; })()`,
    );
    await page.locator('.drop-zone').dispatchEvent('drop', { dataTransfer });
    await page.getByRole('heading', { name: /July flights\.csv/ }).waitFor();
    expect(await page.getByLabel('Dataset').inputValue()).toBe('flights');
    const path = page.getByLabel('Path in the landing container');
    expect(await path.inputValue()).toBe('flights/July-flights.csv');

    await path.fill('elsewhere/July.csv');
    await page.getByRole('button', { name: 'Upload' }).click();
    await page
      .getByRole('alert')
      .getByText(/No dataset expects a file at.*flights\/\*\.csv/)
      .waitFor();
    await path.fill('flights/July-flights.csv');
    await page.getByRole('button', { name: 'Upload' }).click();
    await page.getByText('3,000 rows read, 3,000 loaded').waitFor();
    await page.getByText('Published.').waitFor();
    await screenshot(visitor, 'upload');
    expect(await audit(visitor)).toEqual([]);
    const files = await stack.client.all<ApiFile>('/files?dataset=flights');
    expect(files.find((file) => file.path === 'flights/July-flights.csv')).toMatchObject({ status: 'published' });

    await page.getByRole('link', { name: 'Carrier punctuality' }).click();
    await page.getByLabel('Month').selectOption('7');
    await page.getByRole('button', { name: 'UA → 2013 → 7' }).waitFor();
    expect(visitor.complaints.filter((text) => !text.includes('400'))).toEqual([]);
  });

  test.each([
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ] as const)('has no view on a %s that axe finds fault with, or that is too wide', async (name, device) => {
    const visitor = await visit(browser, device);
    visitors.push(visitor);
    const { page } = visitor;
    const auditBoth = async (view: string): Promise<void> => {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await screenshot(visitor, `${view.replaceAll('/', '-')}-${name}-${colorScheme}`);
        expect([view, colorScheme, await audit(visitor)]).toEqual([view, colorScheme, []]);
      }
    };
    await page.goto(origin);
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await auditBoth('sign-in');
    await signIn(visitor, origin, 'operator');
    const views = [
      ['insights', 'text=Route risk'],
      ['insights/flights/route-risk', '.map .arc'],
      ['insights/flights/airport-day', '.line'],
      ['operations', 'text=flights #1'],
      ['operations/flights-00000001', '.run .table-block'],
      ['operations/backfill', 'text=One file first'],
      ['explore', '.tables details'],
      ['upload', '.drop-zone'],
      ['nowhere', 'text=There is no such page'],
    ] as const;
    for (const [path, ready] of views) {
      await page.goto(`${origin}/app/${path}`);
      await page.locator(ready).first().waitFor();
      if (path === 'operations/backfill') {
        await page.getByLabel('Dataset').last().selectOption('flights');
        await page.getByRole('button', { name: 'Preview' }).click();
        await page.getByText('What it comes to').waitFor();
      }
      if (path === 'explore') {
        await page.getByRole('button', { name: 'Run' }).click();
        await page.getByText('Download CSV').waitFor();
      }
      if (path === 'insights/flights/route-risk') await page.locator('.row-open').first().click();
      await auditBoth(path);
    }
    expect(visitor.complaints).toEqual([]);
  });

  test('can be installed', async () => {
    expect(await installabilityErrors(`${origin}/app/`)).toEqual([]);
  });

  test('opens without a server, with the insights of the last visit', async () => {
    const visitor = await enter('reader', '/app/insights/flights/route-risk', PHONE);
    const { page, context } = visitor;
    await page.locator('.map .arc').first().waitFor();
    const online = await page.getByText(/^\d+ rows · version \d+, published/).textContent();
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await stack.kill('functions-host');
    await context.setOffline(true);
    await page.reload();
    await page
      .getByText(/^Offline, as of \d\d:\d\d/)
      .last()
      .waitFor();
    await page.locator('.map .arc').first().waitFor();
    expect(await page.getByText(/^\d+ rows · version \d+, published/).textContent()).toBe(online);
    await page.getByLabel('Origin').selectOption('LGA');
    await page
      .getByRole('button', { name: /^LGA → / })
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: /^(JFK|EWR) → / }).count()).toBe(0);
    await screenshot(visitor, 'offline');
    expect(await audit(visitor)).toEqual([]);

    // The next visit, in a tab of its own, is not signed in, and cannot be; what is kept can be read.
    const later = await context.newPage();
    await later.goto(`${origin}/app/`);
    await later.getByRole('link', { name: /Route risk/ }).waitFor();
    await later.getByText('Not signed in').waitFor();

    await stack.start('functions-host');
    await context.setOffline(false);
    await page.reload();
    await page.locator('.map .arc').first().waitFor();
    expect(await page.getByText(/^Offline, as of/).count()).toBe(0);
  });
});
