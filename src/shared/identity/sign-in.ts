import type { IssuerMetadata } from './issuer.ts';

/** What a browser app needs to sign people in by authorization code with PKCE, and nothing secret. */
export interface SignIn {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly endSessionEndpoint: string | null;
  readonly clientId: string;
  /** The scopes to ask for: who it is, a refresh token, and the API. */
  readonly scope: string;
}

/** Tells how to sign in. `audience` is the client id of the API's registration, `clientId` that of the web app's. */
export function toSignIn(metadata: IssuerMetadata, audience: string, clientId: string): SignIn {
  const { issuer, authorizationEndpoint, tokenEndpoint, endSessionEndpoint } = metadata;
  return {
    issuer,
    authorizationEndpoint,
    tokenEndpoint,
    endSessionEndpoint: endSessionEndpoint ?? null,
    clientId,
    scope: `openid profile offline_access api://${audience}/.default`,
  };
}
