import { closed, type Json, json, NULLABLE_TEXT, problem, ref, TEXT } from './openapi-parts.ts';

/** The path that tells a browser app how to sign in. */
export const SIGN_IN_PATHS: Json = {
  '/api/sign-in': {
    get: {
      operationId: 'signIn',
      summary: 'Where and as what a browser app signs people in (authorization code with PKCE)',
      responses: {
        200: json('How to sign in', ref('SignIn')),
        404: problem('No way to sign in is configured'),
        503: problem('The issuer does not answer'),
      },
    },
  },
};

/** The schemas that this path names. */
export const SIGN_IN_SCHEMAS: Json = {
  SignIn: closed({
    issuer: TEXT,
    authorizationEndpoint: TEXT,
    tokenEndpoint: TEXT,
    endSessionEndpoint: NULLABLE_TEXT,
    clientId: TEXT,
    scope: { type: 'string', description: 'The scopes to ask for, separated by spaces' },
  }),
};
