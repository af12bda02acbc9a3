import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applicationOf, SAMPLE_DIRECTORY } from '../../../emulators/entra-id/directory.ts';
import { createEntraId, type EntraId } from '../../../emulators/entra-id/index.ts';
import { untilAnswers } from '../../../scripts/stack/until-answers.ts';

export const TENANT = SAMPLE_DIRECTORY.tenantId;
export const API = SAMPLE_DIRECTORY.api.clientId;
export const WEB = clientNamed('Landfall web');
export const COMMAND_LINE = clientNamed('Landfall command line');
export const READER_DAEMON = clientNamed('Insights reader');

function clientNamed(name: string): string {
  const { clientId } = SAMPLE_DIRECTORY.applications.find((application) => application.name === name) ?? {};
  if (applicationOf(SAMPLE_DIRECTORY, clientId) === undefined) throw new Error(`there is no application '${name}'`);
  return clientId ?? '';
}

/** An issuer on a free port over a folder of its own, with what tests do to it. */
export interface TestEntraId {
  readonly folder: string;
  url(): string;
  issuer(): string;
  /** Stops it and starts it again on the same folder and port. */
  restart(): Promise<void>;
  dispose(): Promise<void>;
}

/** Starts the sample tenant. */
export async function startEntraId(): Promise<TestEntraId> {
  const folder = mkdtempSync(join(tmpdir(), 'landfall-entra-id-'));
  let running: EntraId = await createEntraId({ port: 0, data: folder });
  return {
    folder,
    url: () => running.url,
    issuer: () => running.issuer,
    async restart() {
      const port = Number(new URL(running.url).port);
      await running.close();
      running = await createEntraId({ port, data: folder });
      await untilAnswers(`${running.url}/health`); // connections of before are gone, which fetch finds out by one request
    },
    async dispose() {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a browser does on the page: opens the address, picks an account, and is sent on to where this gives. */
export async function signInAs(username: string, address: URL | string, cookie?: string): Promise<SignedIn> {
  const page = await fetch(address, { redirect: 'manual', headers: cookie === undefined ? {} : { cookie } });
  if (page.status === 302) return { location: locationOf(page), cookie: cookie ?? '' };
  const action = /<form method="post" action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll('&amp;', '&');
  if (action === undefined) throw new Error(`there is no form; the page answered ${page.status}`);
  const answer = await fetch(new URL(action, address), {
    method: 'POST',
    redirect: 'manual',
    headers: { origin: new URL(address).origin },
    body: new URLSearchParams(username === '' ? { cancel: 'true' } : { account: username }),
  });
  return { location: locationOf(answer), cookie: answer.headers.getSetCookie()[0]?.split(';')[0] ?? '' };
}

export interface SignedIn {
  /** Where the browser is sent: the redirect URI with its answer. */
  readonly location: URL;
  /** The session. */
  readonly cookie: string;
}

function locationOf(response: Response): URL {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`the answer ${response.status} leads nowhere`);
  return new URL(location);
}
