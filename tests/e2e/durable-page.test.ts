import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Locator } from 'playwright-core';
import { client, finished, run, start, status, until } from '../emulators/functions-host/durable-client.ts';
import { cleanUp, eventually, newFolder, startHost, type TestHost } from '../emulators/functions-host/start-host.ts';
import { audit, DESKTOP, launchBrowser, PHONE, screenshot, type Visitor, visit } from './support/browser.ts';

describe('the page of instances of the Functions host', () => {
  let host: TestHost;
  let browser: Browser;
  const visitors: Visitor[] = [];

  beforeAll(async () => {
    browser = await launchBrowser();
    host = await startHost('durable', newFolder(), { args: ['--log-level', 'error'] });
  });
  afterAll(async () => {
    await browser?.close();
    await cleanUp();
  });
  afterEach(async () => {
    await Promise.all(visitors.splice(0).map(({ context }) => context.close()));
  });

  /** Opens the page with the key of the host. */
  const enter = async (hash = '', device = DESKTOP): Promise<Visitor> => {
    const visitor = await visit(browser, device);
    visitors.push(visitor);
    const { page } = visitor;
    await page.goto(`${host.url}/admin/durable${hash}`);
    await page.getByLabel('Master key').fill(host.keys.master);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    return visitor;
  };
  const press = (visitor: Visitor, action: string) =>
    visitor.page
      .getByRole('group', { name: 'Actions' })
      .getByRole('button', { name: `${action}…` })
      .click();
  const confirm = (visitor: Visitor, action: string) =>
    visitor.page.getByRole('dialog').getByRole('button', { name: action, exact: true }).click();
  const untilCount = (locator: Locator, count: number) =>
    eventually(async () => ((await locator.count()) === count ? count : undefined), `${count} elements`);
  const badge = (visitor: Visitor, word: string) =>
    visitor.page.locator('.view-header').getByText(word, { exact: true }).waitFor();

  test('asks for the master key, keeps it in the tab only, and never puts it in an address', async () => {
    const visitor = await visit(browser);
    visitors.push(visitor);
    const { page } = visitor;
    const urls: string[] = [];
    page.on('request', (request) => urls.push(request.url()));
    await page.goto(`${host.url}/admin/durable`);
    await page.getByLabel('Master key').fill('not the key');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This is not the master key of the host.').waitFor();
    await page.getByLabel('Master key').fill(host.keys.master);
    await page.keyboard.press('Enter');
    await page.getByText('Live', { exact: true }).waitFor();
    expect(await page.evaluate('document.cookie + JSON.stringify(localStorage)')).toBe('{}');
    await page.getByRole('button', { name: 'Lock' }).click();
    await page.getByLabel('Master key').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    expect(urls.filter((url) => url.includes(host.keys.master))).toEqual([]);
    expect(urls.filter((url) => !url.startsWith(host.url))).toEqual([]);
    expect(visitor.complaints).toEqual([]);
  });

  test('lists instances live, the newest first, by status, name and beginning of the id', async () => {
    await run(host, 'chain', ['Oslo'], 'list-chain');
    await start(host, 'approval', 600_000, 'list-approval');
    const visitor = await enter();
    const { page } = visitor;
    const ids = page.getByRole('row').locator('.id');
    await page.getByRole('link', { name: 'list-approval' }).waitFor();
    await page.getByLabel('Id begins with').fill('list-');
    await untilCount(ids, 2);
    expect(await ids.allTextContents()).toEqual(['list-approval', 'list-chain']);

    await start(host, 'approval', 600_000, 'list-later');
    await page.getByRole('link', { name: 'list-later' }).waitFor();
    await page.getByLabel('Completed').check();
    await page.getByRole('link', { name: 'list-later' }).waitFor({ state: 'detached' });
    expect(await ids.allTextContents()).toEqual(['list-chain']);
    await page.reload();
    await page.getByRole('link', { name: 'list-chain' }).waitFor();
    expect(await page.getByLabel('Id begins with').inputValue()).toBe('list-');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Orchestration').selectOption('approval');
    await page.getByLabel('Created from').fill('2040-01-01T00:00');
    await page.getByText('No instance is like that.').waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  test('leaves the focus and what is open alone while data comes in', async () => {
    await start(host, 'steps', { count: 400, ms: 150 }, 'focused'); // longer than anyone looks
    const { page } = await enter('#/instances/focused');
    const first = page.getByRole('list', { name: 'Steps' }).getByRole('button').first();
    const focused = () => page.evaluate('document.activeElement.textContent');
    const untilNews = () => page.waitForResponse((response) => response.status() === 200);
    await first.click();
    await untilNews();
    await untilNews();
    expect(await first.getAttribute('aria-expanded')).toBe('true');
    expect(await focused()).toContain('slow');
    await page.getByRole('button', { name: 'Lock' }).focus();
    await untilNews();
    await untilNews();
    expect(await focused()).toBe('Lock');
  });

  test('goes through the pages of a long list', async () => {
    await Promise.all(Array.from({ length: 60 }, (_, n) => start(host, 'chain', [], `page-${n}`)));
    const { page } = await enter('#/instances?prefix=page-');
    await page.getByText('Page 1, 50 shown').waitFor();
    await page.getByRole('button', { name: 'Further' }).click();
    await page.getByText('Page 2, 10 shown').waitFor();
    expect(await page.getByRole('button', { name: 'Further' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByText('Page 1, 50 shown').waitFor();
  });

  test('shows the history of an instance as bars, with what went in and came out, its parent and its children', async () => {
    await run(host, 'parent', null, 'family');
    const visitor = await enter('#/instances/family');
    const { page } = visitor;
    const steps = page.getByRole('list', { name: 'Steps' }).getByRole('button');
    await steps.first().waitFor();
    expect(await steps.allInnerTexts()).toEqual([
      expect.stringMatching(/^child\s+Sub-orchestration, completed,\s+\d+ ms$/),
      expect.stringMatching(/^child\s+Sub-orchestration, completed,\s+\d+ ms$/),
      expect.stringMatching(/^child\s+Sub-orchestration, failed,\s*(\d+ ms)?$/),
    ]);
    await steps.nth(1).press('Enter');
    const input = page.getByRole('list', { name: 'Steps' }).getByRole('group', { name: 'Input', exact: true });
    expect(JSON.parse((await input.locator('pre').textContent()) ?? '')).toEqual({ name: 'two' });
    await page.getByRole('region', { name: 'Sub-orchestrations' }).getByRole('link', { name: 'family-two' }).click();
    await page.getByText('hello', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'family', exact: true }).click();
    await badge(visitor, 'Completed');
    expect(visitor.complaints).toEqual([]);
  });

  test('shows markup in names and values as text', async () => {
    const markup = '<img src=x onerror="document.title=1">';
    await start(host, 'chain', [markup], 'mark<b>up');
    await finished(host, 'mark<b>up');
    const visitor = await enter(`#/instances/${encodeURIComponent('mark<b>up')}`);
    const { page } = visitor;
    await page.getByText('mark<b>up', { exact: true }).waitFor();
    await page.getByRole('group', { name: 'Output', exact: true }).getByText(`Hello ${markup}`.slice(0, 12)).waitFor();
    expect(await page.locator('main img, main b').count()).toBe(0);
    expect(visitor.complaints).toEqual([]);
  });

  test('shows the steps of a large fan-out some at a time', async () => {
    await start(host, 'fanOut', 1200, 'wide');
    const { page } = await enter('#/instances/wide');
    const steps = page.getByRole('list', { name: 'Steps' }).getByRole('button');
    await page.getByRole('button', { name: 'Show more of 1,200 steps' }).click();
    await untilCount(steps, 1000);
    await page.getByRole('button', { name: 'Show more of 1,200 steps' }).click();
    await untilCount(steps, 1200);
    expect(await page.getByRole('button', { name: /Show more/ }).isHidden()).toBe(true);
    await steps.last().click();
    await page.getByText('"t1199"').first().waitFor();
  });

  test('folds long values, and fetches very long ones on demand', async () => {
    const names = Array.from({ length: 3000 }, (_, n) => `name ${n}`);
    await run(host, 'chain', names.slice(0, 40), 'folded');
    await start(host, 'child', { name: names.join(), fail: false }, 'very-long');
    await finished(host, 'very-long');
    const { page } = await enter('#/instances/folded');
    const output = page.locator('main > div > div > .values').getByRole('group', { name: 'Output', exact: true });
    await output.getByRole('button', { name: 'Show all 42 lines' }).click();
    expect(JSON.parse((await output.locator('pre').textContent()) ?? '')).toHaveLength(40);
    await output.getByRole('button', { name: 'Show less' }).waitFor();

    await page.goto(`${host.url}/admin/durable#/instances/very-long`);
    const input = page.locator('main > div > div > .values').getByRole('group', { name: 'Input', exact: true });
    await input.getByText(/kB of JSON/).waitFor();
    await input.getByRole('button', { name: 'Load it' }).click();
    expect(JSON.parse((await input.locator('pre').textContent()) ?? '')).toEqual({ name: names.join(), fail: false });
  });

  test('suspends, resumes, raises an event, restarts, terminates and purges', async () => {
    await start(host, 'approval', 600_000, 'acted-on');
    const visitor = await enter('#/instances/acted-on');
    const { page } = visitor;
    await badge(visitor, 'Running');
    await press(visitor, 'Suspend');
    await page.getByLabel('Reason').fill('the audit');
    await confirm(visitor, 'Suspend');
    await badge(visitor, 'Suspended');
    await press(visitor, 'Resume');
    await confirm(visitor, 'Resume');
    await badge(visitor, 'Running');
    await screenshot(visitor, 'durable-running');

    await press(visitor, 'Raise event');
    await page.getByLabel('Event name').fill('approved');
    await page.getByLabel('Data').fill('yes');
    await confirm(visitor, 'Raise event');
    await page.getByRole('alert').getByText('Data is no JSON').waitFor();
    await page.getByLabel('Data').fill('"yes"');
    await confirm(visitor, 'Raise event');
    await badge(visitor, 'Completed');
    expect((await status(host, 'acted-on')).output).toMatchObject({ value: 'yes' });

    await press(visitor, 'Restart');
    await page.getByRole('dialog').getByLabel('Instance id').selectOption('false');
    await confirm(visitor, 'Restart');
    await badge(visitor, 'Running');
    await press(visitor, 'Terminate');
    await page.getByLabel('Reason').fill('enough');
    await confirm(visitor, 'Terminate');
    await badge(visitor, 'Terminated');
    await page.getByRole('button', { name: 'Terminated' }).waitFor();

    await press(visitor, 'Purge');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect((await status(host, 'acted-on')).runtimeStatus).toBe('Terminated');
    await press(visitor, 'Purge');
    await confirm(visitor, 'Purge');
    await page.getByRole('heading', { name: 'Instances' }).waitFor();
    await page.goto(`${host.url}/admin/durable#/instances/acted-on`);
    await page.getByText('There is no instance acted-on').waitFor();
    expect(visitor.complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('rewinds what failed, and starts an orchestration', async () => {
    await start(host, 'broken', null, 'to-rewind');
    await finished(host, 'to-rewind');
    const visitor = await enter('#/instances/to-rewind');
    const { page } = visitor;
    await page.getByRole('region', { name: 'Error' }).getByText('it is broken').first().waitFor();
    await page.getByRole('link', { name: 'Instances' }).first().click();
    await page.getByRole('button', { name: 'Start…' }).click();
    await page.getByRole('dialog').getByLabel('Orchestration').selectOption('repair');
    await page.getByRole('dialog').getByLabel('Instance id').fill('the-repair');
    await confirm(visitor, 'Start');
    await badge(visitor, 'Completed');
    await page.goto(`${host.url}/admin/durable#/instances/to-rewind`);
    await badge(visitor, 'Failed');
    await press(visitor, 'Rewind');
    await confirm(visitor, 'Rewind');
    await badge(visitor, 'Completed');
    expect(visitor.complaints).toEqual([]);
  });

  test('shows entities with their state, live, and signals them', async () => {
    await run(host, 'counting', 'e2e');
    const visitor = await enter('#/entities');
    const { page } = visitor;
    await page.getByLabel('Entity').selectOption('Counter');
    await page.getByLabel('Key begins with').fill('e2');
    const card = page.getByRole('listitem').filter({ hasText: 'counter / e2e' });
    expect(await card.locator('pre').textContent()).toBe('7');
    await card.getByRole('button', { name: 'Signal…' }).click();
    await page.getByLabel('Operation').fill('add');
    await page.getByLabel('Input').fill('3');
    await confirm(visitor, 'Signal');
    await card.getByText('10', { exact: true }).waitFor();
    expect(visitor.complaints).toEqual([]);
  });

  test('says when the host is gone, and is live again when it is back', async () => {
    const own = await startHost('durable', newFolder(), { args: ['--log-level', 'error', '--no-keys'] });
    const { port } = new URL(own.url);
    await start(own, 'approval', 600_000, 'outlives');
    const visitor = await visit(browser);
    visitors.push(visitor);
    const { page } = visitor;
    await page.goto(`${own.url}/admin/durable`);
    await page.getByRole('link', { name: 'outlives' }).click();
    await badge(visitor, 'Running');
    await own.kill();
    await page.getByText('The host does not answer').waitFor();
    const again = await startHost('durable', own.dataFolder, { args: ['--port', port, '--no-keys'] });
    await page.getByText('Live', { exact: true }).waitFor();
    await client(again, 'raiseEvent', 'outlives', 'approved', 'yes');
    await badge(visitor, 'Completed');
    await again.kill();
  });

  test.each([
    ['phone', PHONE],
    ['desktop', DESKTOP],
  ] as const)('has no view on a %s that axe finds fault with, or that is too wide', async (name, device) => {
    await run(host, 'retry', { key: `axe-${name}`, times: 1, attempts: 3 }, `axe-retry-${name}`);
    await run(host, 'counting', `axe-${name}`);
    await start(host, 'broken', null, `axe-broken-${name}`);
    await start(host, 'approval', 600_000, `axe-approval-${name}`);
    await client(host, 'suspend', `axe-approval-${name}`, 'to look at it');
    await until(host, `axe-approval-${name}`, 'Suspended');
    const visitor = await visit(browser, device);
    visitors.push(visitor);
    const { page } = visitor;
    const auditBoth = async (view: string): Promise<void> => {
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await screenshot(visitor, `durable-${view}-${name}-${colorScheme}`);
        expect([view, colorScheme, await audit(visitor)]).toEqual([view, colorScheme, []]);
      }
    };
    await page.goto(`${host.url}/admin/durable`);
    await page.getByLabel('Master key').waitFor();
    await auditBoth('key');
    await page.getByLabel('Master key').fill(host.keys.master);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('link', { name: `axe-retry-${name}` }).waitFor();
    await auditBoth('instances');
    for (const id of ['retry', 'broken', 'approval']) {
      await page.goto(`${host.url}/admin/durable#/instances/axe-${id}-${name}`);
      const step = page.getByRole('list', { name: 'Steps' }).getByRole('button').first();
      await step.click();
      await page.getByText('Began').waitFor();
      await auditBoth(id);
    }
    await press(visitor, 'Raise event');
    await auditBoth('dialog');
    await page.keyboard.press('Escape');
    await page.goto(`${host.url}/admin/durable#/entities`);
    await page.getByRole('heading', { name: `counter / axe-${name}` }).waitFor();
    await auditBoth('entities');
    expect(visitor.complaints).toEqual([]);
  });
});
