import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { LandfallError } from '../errors.ts';
import { createBoundedCache } from '../memory/bounded-cache.ts';
import type { IssuerMetadata } from './issuer.ts';

/** The one algorithm that Entra ID signs with; no other is taken, and never `none`. */
const ALGORITHMS = ['RS256'];
const CLOCK_TOLERANCE_SECONDS = 30;
/** How long a verified token is taken without looking at its signature again, and how many are remembered. */
const REMEMBERED_SECONDS = 60;
const REMEMBERED_TOKENS = 1_000;

/** Why a token does not count, in words for who sent it. */
export class InvalidToken extends Error {
  override readonly name = 'InvalidToken';
}

/** The roles in a good token. @throws InvalidToken, or LandfallError `IssuerUnavailable` when the keys cannot be had */
export type VerifyToken = (token: string) => Promise<readonly string[]>;

/** Verifies access tokens of one issuer for one audience: signature, issuer, audience, lifetime. */
export function createVerifyToken(metadata: () => Promise<IssuerMetadata>, audience: string): VerifyToken {
  let keys: JWTVerifyGetKey | undefined;
  const remembered = createBoundedCache<{ readonly roles: readonly string[]; readonly until: number }>(
    REMEMBERED_TOKENS,
    () => 1,
  );
  return async (token) => {
    const known = remembered.get(token);
    if (known !== undefined && Date.now() < known.until) return known.roles;
    const { issuer, jwksUri } = await metadata();
    // Keys are kept; an unknown one makes jose look again, though not more than twice a minute.
    keys ??= createRemoteJWKSet(new URL(jwksUri));
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['exp', 'sub'],
      });
      const roles = rolesOf(payload);
      const until = Math.min(Date.now() + REMEMBERED_SECONDS * 1000, (payload.exp ?? 0) * 1000);
      remembered.set(token, { roles, until });
      return roles;
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== undefined) throw new InvalidToken(reason);
      throw new LandfallError('IssuerUnavailable', `The issuer's keys at ${jwksUri} cannot be read.`, { cause: error });
    }
  };
}

function rolesOf({ roles }: JWTPayload): readonly string[] {
  return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
}

/** What is wrong with the token; undefined when it could not be found out. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof errors.JWTExpired) return 'The token has expired.';
  if (error instanceof errors.JWTClaimValidationFailed)
    return `The claim ${error.claim} of the token is not as it must be.`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The algorithm of the token is not RS256.';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is wrong.';
  if (error instanceof errors.JWKSNoMatchingKey) return 'The key that signed the token is not one of the issuer.';
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'The token is no signed JWT.';
  if (error instanceof errors.JOSENotSupported) return 'The token asks for something that is not supported.';
  return undefined;
}
