import { LandfallError } from '../errors.ts';

const TIME_LIMIT_MILLISECONDS = 5_000;

/** What an OpenID issuer says of itself, as far as it matters here. */
export interface IssuerMetadata {
  readonly issuer: string;
  readonly jwksUri: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly endSessionEndpoint?: string;
}

/**
 * Reads an issuer's OpenID configuration once, and again after a failure.
 * Source: OpenID Connect Discovery 1.0, section 4.
 */
export function createIssuerMetadata(issuer: string): () => Promise<IssuerMetadata> {
  let known: Promise<IssuerMetadata> | undefined;
  return () => {
    known ??= readMetadata(issuer).catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

async function readMetadata(issuer: string): Promise<IssuerMetadata> {
  const url = `${issuer}/.well-known/openid-configuration`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIME_LIMIT_MILLISECONDS) });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return parseMetadata(await response.json(), issuer);
  } catch (cause) {
    throw new LandfallError('IssuerUnavailable', `The OpenID configuration ${url} cannot be read.`, { cause });
  }
}

function parseMetadata(document: unknown, issuer: string): IssuerMetadata {
  const fields = typeof document === 'object' && document !== null ? (document as Record<string, unknown>) : {};
  const text = (name: string): string => {
    const value = fields[name];
    if (typeof value !== 'string') throw new Error(`it has no ${name}`);
    return value;
  };
  if (text('issuer') !== issuer) throw new Error(`it is that of '${text('issuer')}': set AUTH_ISSUER to what it says`);
  const end = fields.end_session_endpoint;
  return {
    issuer,
    jwksUri: text('jwks_uri'),
    authorizationEndpoint: text('authorization_endpoint'),
    tokenEndpoint: text('token_endpoint'),
    ...(typeof end === 'string' ? { endSessionEndpoint: end } : {}),
  };
}
