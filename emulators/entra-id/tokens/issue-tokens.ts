import { createHash, randomUUID } from 'node:crypto';
import { type JWTPayload, SignJWT } from 'jose';
import type { Account, Application, Directory } from '../directory.ts';
import type { TenantKeys } from '../store/load-keys.ts';

/** How long access and id tokens live, as in Entra ID about an hour. */
export const TOKEN_SECONDS = 3_900;

/** What Microsoft Graph is called, which tokens are for when no other resource was asked for. */
const GRAPH = '00000003-0000-0000-c000-000000000000';

/** Makes the tokens of a tenant. */
export interface TokenIssuer {
  readonly issuer: string;
  /** Access token for a person, by way of an application. */
  forAccount(account: Account, client: Application, scopes: readonly string[]): Promise<string>;
  /** Access token for a daemon. */
  forDaemon(client: Application): Promise<string>;
  idToken(account: Account, client: Application, nonce: string | undefined): Promise<string>;
}

/** Tokens as version 2.0 of the Microsoft identity platform makes them. Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference. */
export function createTokenIssuer(issuer: string, directory: Directory, keys: TenantKeys): TokenIssuer {
  const { tenantId, api } = directory;
  const sign = (audience: string, claims: JWTPayload): Promise<string> => {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ ...claims, tid: tenantId, uti: randomUUID().replaceAll('-', ''), ver: '2.0' })
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256', kid: keys.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(now)
      .setNotBefore(now)
      .setExpirationTime(now + TOKEN_SECONDS)
      .sign(keys.signing);
  };
  const person = ({ oid, name, username }: Account): JWTPayload => ({ name, oid, preferred_username: username });
  return {
    issuer,
    forAccount(account, client, scopes) {
      const isForApi = scopes.includes(api.scope);
      const audience = isForApi ? api.clientId : GRAPH;
      return sign(audience, {
        azp: client.clientId,
        azpacr: '0',
        ...person(account),
        ...(isForApi && account.roles.length > 0 ? { roles: [...account.roles] } : {}),
        scp: isForApi ? api.scope : scopes.filter((scope) => scope !== 'offline_access').join(' '),
        sub: pairwise(account.oid, audience),
      });
    },
    forDaemon: (client) =>
      sign(api.clientId, {
        azp: client.clientId,
        azpacr: '1',
        idtyp: 'app',
        oid: client.oid,
        ...((client.roles ?? []).length > 0 ? { roles: [...(client.roles ?? [])] } : {}),
        sub: client.oid ?? client.clientId,
      }),
    idToken: (account, client, nonce) =>
      sign(client.clientId, {
        ...person(account),
        ...(nonce === undefined ? {} : { nonce }),
        sub: pairwise(account.oid, client.clientId),
      }),
  };
}

/** `sub` tells one application the same about a person each time, and two applications different things. */
function pairwise(oid: string, audience: string): string {
  return createHash('sha256').update(`${oid} ${audience}`).digest('base64url');
}
