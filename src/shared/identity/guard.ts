import { createHash, timingSafeEqual } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import { LandfallError, messageOf } from '../errors.ts';
import { RequestProblem } from '../http/problem.ts';
import { type Access, opensByKey, type Role } from './roles.ts';
import { InvalidToken, type VerifyToken } from './verify-token.ts';

/** Lets requests in, or throws what they are answered with. */
export type Guard = (request: HttpRequest, access: Access) => Promise<void>;

/** What the guard accepts; without both nobody is let in. */
export interface GuardOptions {
  readonly verifyToken?: VerifyToken;
  /** The host's own default function key. */
  readonly functionKey?: string;
}

/**
 * Makes the guard of the HTTP API: a bearer token with the route's role, or the function key where keys open it.
 * A request that brings a token is judged by that alone. Decision 8 tells why the app checks keys itself.
 */
export function createGuard({ verifyToken, functionKey }: GuardOptions): Guard {
  const isFunctionKey = keyComparer(functionKey);
  return async (request, access) => {
    if (access === 'anyone') return;
    const token = bearerToken(request);
    if (token !== undefined) {
      if (!(await rolesOf(verifyToken, token)).includes(access)) throw missingRole(access);
      return;
    }
    const key = request.headers.get('x-functions-key') ?? request.query.get('code');
    if (key === null || !isFunctionKey(key)) {
      throw unauthorized(
        key === null
          ? 'Send an access token (Authorization: Bearer …) or a function key.'
          : 'The function key is wrong.',
      );
    }
    if (!opensByKey(access)) throw missingRole(access);
  };
}

function bearerToken(request: HttpRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

async function rolesOf(verifyToken: VerifyToken | undefined, token: string): Promise<readonly string[]> {
  if (verifyToken === undefined) throw invalidToken('No issuer of tokens is configured (AUTH_ISSUER).');
  try {
    return await verifyToken(token);
  } catch (error) {
    if (error instanceof InvalidToken) throw invalidToken(error.message);
    if (error instanceof LandfallError && error.name === 'IssuerUnavailable')
      throw new RequestProblem(503, 'Tokens cannot be verified now: their issuer does not answer.', {
        cause: messageOf(error),
        headers: { 'retry-after': '5' },
      });
    throw error;
  }
}

/** Compares in a time that tells nothing of the key, not even its length. */
function keyComparer(key: string | undefined): (given: string) => boolean {
  if (key === undefined) return () => false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(key);
  return (given) => timingSafeEqual(expected, digest(given));
}

// Source: RFC 6750, section 3: no error code for a request that brought nothing.
function unauthorized(detail: string): RequestProblem {
  return new RequestProblem(401, detail, { headers: { 'www-authenticate': 'Bearer realm="landfall"' } });
}

function invalidToken(reason: string): RequestProblem {
  const challenge = `Bearer realm="landfall", error="invalid_token", error_description="${reason}"`;
  return new RequestProblem(401, reason, { headers: { 'www-authenticate': challenge } });
}

function missingRole(role: Role): RequestProblem {
  const challenge = `Bearer realm="landfall", error="insufficient_scope", scope="${role}"`;
  return new RequestProblem(403, `This needs the role ${role}.`, { headers: { 'www-authenticate': challenge } });
}
