import * as openid from 'openid-client';
import { SAMPLE_DIRECTORY } from '../../../emulators/entra-id/directory.ts';
import { COMMAND_LINE, signInAs } from '../../emulators/entra-id/start-entra-id.ts';

/** An access token of a sample account, by signing in as a program on somebody's desk does. */
export async function personToken(issuer: string, username: string): Promise<string> {
  const config = await openid.discovery(new URL(issuer), COMMAND_LINE, undefined, openid.None(), {
    execute: [openid.allowInsecureRequests],
  });
  const pkceCodeVerifier = openid.randomPKCECodeVerifier();
  const address = openid.buildAuthorizationUrl(config, {
    redirect_uri: 'http://localhost/',
    scope: `openid api://${SAMPLE_DIRECTORY.api.clientId}/.default`,
    code_challenge: await openid.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
  });
  const { location } = await signInAs(username, address);
  return (await openid.authorizationCodeGrant(config, location, { pkceCodeVerifier })).access_token;
}
