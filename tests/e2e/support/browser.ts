import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../../scripts/setup/chromium.ts';
import { ROOT } from '../../../scripts/stack/endpoints.ts';

/** Where screenshots of the journeys are left, to be looked at. */
const SCREENSHOTS = join(ROOT, '.landfall', 'screenshots');

const ARGUMENTS = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync'],
];

/** A device that the app is looked at on. */
export interface Device {
  readonly width: number;
  readonly height: number;
}

export const DESKTOP: Device = { width: 1280, height: 860 };
export const PHONE: Device = { width: 360, height: 740 };

/** Starts the machine's Chromium. @throws Error that says how to get one */
export function launchBrowser(): Promise<Browser> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  return chromium.launch({ executablePath: requireChromium(), args: ARGUMENTS });
}

function requireChromium(): string {
  const path = findChromium();
  if (path !== undefined) return path;
  throw new Error('The tests of the web app need Chromium: apt-get install chromium, or name one in CHROMIUM.');
}

/** Why Chromium would not install the app; it answers for a lasting profile only. */
export async function installabilityErrors(url: string): Promise<readonly unknown[]> {
  const profile = mkdtempSync(join(tmpdir(), 'landfall-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireChromium(),
    args: ARGUMENTS,
  });
  try {
    const page = await context.newPage();
    await page.goto(url);
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    const devtools = await context.newCDPSession(page);
    return (await devtools.send('Page.getInstallabilityErrors')).installabilityErrors;
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

/** A person at a device, with a page of the app. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the page complained of: errors, refused resources, broken rules of the content security policy. */
  readonly complaints: string[];
  /** Paths of the API that the page asked, in order. */
  readonly asked: string[];
}

/** Opens a new visitor's page, without any earlier state. */
export async function visit(browser: Browser, device: Device = DESKTOP): Promise<Visitor> {
  const { width, height } = device;
  const narrow = width < 600;
  const context = await browser.newContext({
    viewport: { width, height },
    reducedMotion: 'reduce',
    acceptDownloads: true,
    ...(narrow ? { isMobile: true, hasTouch: true } : {}),
  });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) asked.push(pathname);
  });
  return { page, context, complaints, asked };
}

/** Signs in with a sample account of the local issuer, by its user name. */
export async function signIn({ page }: Visitor, origin: string, user: string, path = '/app/'): Promise<void> {
  await page.goto(origin + path);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(`${user}@`).click();
  await page.waitForURL(`${origin}/app/**`);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** A picture of the whole page. */
export async function screenshot({ page }: Visitor, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const AXE = readFileSync(join(ROOT, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');

/** What axe finds wrong with the page as it stands, and whether the page is wider than its window. */
export async function audit({ page }: Visitor): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const violations: Violation[] = await page.evaluate('axe.run().then(({ violations }) => violations)');
  const overflow: number = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  return [
    ...violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
    ),
    ...(overflow > 0 ? [`the page is ${overflow} pixels too wide`] : []),
  ];
}
