import { SAMPLE_DIRECTORY } from '../../emulators/entra-id/directory.ts';
import type { Stack } from '../../scripts/stack/start-stack.ts';

/** An access token of the sample daemon that may read insights and nothing else. */
export async function bearerToken({ settings }: Stack): Promise<string> {
  const daemon = SAMPLE_DIRECTORY.applications.find(({ roles }) => roles?.join() === 'Insights.Read');
  const endpoint = (settings.AUTH_ISSUER ?? '').replace(/\/v2\.0$/, '/oauth2/v2.0/token');
  const response = await fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: daemon?.clientId ?? '',
      client_secret: daemon?.secret ?? '',
      scope: `api://${settings.AUTH_AUDIENCE}/.default`,
    }),
  });
  const { access_token } = (await response.json()) as { access_token?: string };
  if (access_token === undefined) throw new Error(`${endpoint} gave no token: ${response.status}`);
  return access_token;
}
