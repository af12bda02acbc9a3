import { type Application, applicationOf, type Directory } from '../directory.ts';
import { parseScopes } from '../tokens/parse-scopes.ts';
import { OAuthError } from './oauth-error.ts';

/** Where an answer goes, which is known before anything else may be answered there. */
export interface Destination {
  readonly client: Application;
  readonly redirectUri: string;
  readonly mode: 'query' | 'fragment';
  readonly state: string | undefined;
}

/** What a browser was sent to ask for. */
export interface Authorization {
  readonly scopes: readonly string[];
  readonly challenge: string;
  readonly nonce: string | undefined;
  readonly prompt: 'none' | 'login' | 'select_account' | 'consent' | undefined;
  readonly loginHint: string | undefined;
}

/**
 * Who asks, and where the answer goes.
 * @throws OAuthError that must be shown, not sent: the destination cannot be trusted
 */
export function parseDestination(query: URLSearchParams, directory: Directory): Destination {
  const clientId = query.get('client_id') ?? undefined;
  const client = applicationOf(directory, clientId);
  if (client === undefined) {
    throw new OAuthError(
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId ?? ''}' was not found in the directory '${directory.domain}'.`,
    );
  }
  const redirectUri = query.get('redirect_uri') ?? '';
  if (client.kind === 'daemon' || !isLoopback(redirectUri)) {
    throw new OAuthError(
      'invalid_request',
      50011,
      `The redirect URI '${redirectUri}' specified in the request does not match the redirect URIs configured for the application '${client.clientId}': here, any path on 127.0.0.1, [::1] or localhost.`,
    );
  }
  const mode = query.get('response_mode') === 'fragment' ? 'fragment' : 'query';
  return { client, redirectUri, mode, state: query.get('state') ?? undefined };
}

/** What is asked for. @throws OAuthError that the application is told */
export function parseAuthorization(query: URLSearchParams, directory: Directory): Authorization {
  const type = query.get('response_type');
  if (type !== 'code')
    throw new OAuthError('unsupported_response_type', 70005, `The response type '${type ?? ''}' is not 'code'.`);
  const mode = query.get('response_mode');
  if (mode !== null && mode !== 'query' && mode !== 'fragment')
    throw new OAuthError('invalid_request', 70006, `The response mode '${mode}' is not one of query and fragment.`);
  const challenge = query.get('code_challenge');
  if (challenge === null || query.get('code_challenge_method') !== 'S256') {
    throw new OAuthError(
      'invalid_request',
      9002325,
      'Proof Key for Code Exchange is required: send code_challenge with code_challenge_method=S256.',
    );
  }
  const prompt = query.get('prompt');
  if (prompt !== null && !isPrompt(prompt))
    throw new OAuthError('invalid_request', 900144, `The prompt '${prompt}' is not a known one.`);
  return {
    scopes: parseScopes(query.get('scope') ?? undefined, directory),
    challenge,
    nonce: query.get('nonce') ?? undefined,
    prompt: prompt ?? undefined,
    loginHint: query.get('login_hint') ?? undefined,
  };
}

function isPrompt(text: string): text is NonNullable<Authorization['prompt']> {
  return ['none', 'login', 'select_account', 'consent'].includes(text);
}

/** A redirect URI on this machine, on any port, as Entra ID allows for localhost. */
export function isLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, hash } = new URL(text);
  const isHere = hostname === '127.0.0.1' || hostname === '[::1]' || hostname === 'localhost';
  return isHere && (protocol === 'http:' || protocol === 'https:') && username === '' && hash === '';
}
