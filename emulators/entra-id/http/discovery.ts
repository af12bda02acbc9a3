import { Hono } from 'hono';
import type { Tenant } from './app.ts';

/** The OpenID configuration and the keys. Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc. */
export function discoveryRoutes({ origin, directory, keys, issuer }: Tenant): Hono {
  const at = `${origin}/${directory.tenantId}`;
  return new Hono()
    .get('/v2.0/.well-known/openid-configuration', (context) =>
      context.json({
        token_endpoint: `${at}/oauth2/v2.0/token`,
        token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
        jwks_uri: `${at}/discovery/v2.0/keys`,
        response_modes_supported: ['query', 'fragment'],
        subject_types_supported: ['pairwise'],
        id_token_signing_alg_values_supported: ['RS256'],
        response_types_supported: ['code'],
        scopes_supported: ['openid', 'profile', 'email', 'offline_access'],
        issuer: issuer.issuer,
        request_uri_parameter_supported: false,
        authorization_endpoint: `${at}/oauth2/v2.0/authorize`,
        http_logout_supported: true,
        frontchannel_logout_supported: true,
        end_session_endpoint: `${at}/oauth2/v2.0/logout`,
        claims_supported: ['sub', 'iss', 'aud', 'exp', 'iat', 'nonce', 'preferred_username', 'name', 'tid', 'ver'],
        code_challenge_methods_supported: ['S256'],
        tenant_region_scope: null,
      }),
    )
    .get('/discovery/v2.0/keys', (context) => context.json({ keys: [{ ...keys.publicJwk, issuer: issuer.issuer }] }));
}
