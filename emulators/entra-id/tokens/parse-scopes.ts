import type { Directory } from '../directory.ts';
import { OAuthError } from '../http/oauth-error.ts';

const OPEN_ID = ['openid', 'profile', 'email', 'offline_access'];

/** What was asked for: OpenID's own scopes, and the API's scope if one of its spellings was given. */
export function parseScopes(text: string | undefined, directory: Directory): readonly string[] {
  const { clientId, scope } = directory.api;
  const given = (text ?? '').split(' ').filter((name) => name !== '');
  const scopes = given.map((name) => {
    if (OPEN_ID.includes(name)) return name;
    const [, resource, part] = /^(?:api:\/\/)?(.+)\/([^/]+)$/.exec(name) ?? [];
    if (resource !== clientId) {
      throw new OAuthError(
        'invalid_resource',
        500011,
        `The resource principal named ${resource ?? name} was not found in the tenant named ${directory.domain}.`,
      );
    }
    if (part !== '.default' && part !== scope) {
      throw new OAuthError(
        'invalid_scope',
        65005,
        `The application asked for the scope '${part}' which does not exist on the resource '${clientId}'.`,
      );
    }
    return scope;
  });
  if (scopes.length === 0) {
    throw new OAuthError('invalid_request', 900144, "The request body must contain the following parameter: 'scope'.");
  }
  return [...new Set(scopes)];
}

/** Scopes as a token response names them. */
export function presentScopes(scopes: readonly string[], directory: Directory): string {
  const { clientId, scope } = directory.api;
  return scopes
    .filter((name) => name !== 'offline_access')
    .map((name) => (name === scope ? `api://${clientId}/${scope}` : name))
    .join(' ');
}
