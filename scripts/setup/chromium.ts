import { existsSync } from 'node:fs';
import { aptInstall } from './apt-install.ts';

const PLACES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a Chromium or Chrome of this machine (the variable CHROMIUM names another); undefined when there is none. */
export function findChromium(): string | undefined {
  return PLACES.find((path) => path !== undefined && path !== '' && existsSync(path));
}

/** Installs Debian's Chromium where the tests of the web app lack a browser and this user may; else says what to do. */
export function installChromium(): void {
  if (findChromium() !== undefined) return;
  aptInstall('chromium', 'for the tests of the web app');
  if (findChromium() === undefined)
    console.error(
      '· There is no Chromium, and so the tests of the web app will fail: install it (Debian: apt-get install chromium), or name one in the variable CHROMIUM.',
    );
}
