import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { loadKeys } from '../../emulators/entra-id/store/load-keys.ts';

/** Tokens that must not be let in, and one that must, for a role. */
export interface ForgedTokens {
  readonly good: string;
  readonly bad: Readonly<Record<string, string>>;
}

/** What a good token says; forgeries change one thing of it. */
export interface TokenFacts {
  readonly issuer: string;
  readonly audience: string;
  readonly roles: readonly string[];
}

/** Makes tokens with the issuer's own key, which lies in its data folder, and with others. */
export async function forgeTokens(
  issuerFolder: string,
  { issuer, audience, roles }: TokenFacts,
): Promise<ForgedTokens> {
  const keys = await loadKeys(issuerFolder);
  const header = { typ: 'JWT', alg: 'RS256', kid: keys.kid };
  const now = Math.floor(Date.now() / 1000);
  const claims: JWTPayload = {
    iss: issuer,
    aud: audience,
    sub: 'someone',
    oid: 'someone',
    roles: [...roles],
    ver: '2.0',
    iat: now - 60,
    nbf: now - 60,
    exp: now + 600,
  };
  const sign = (changes: JWTPayload, head = header, key = keys.signing): Promise<string> =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader(head).sign(key);
  const other = await generateKeyPair('RS256');
  const { exp: _, ...endless } = claims;
  const good = await sign({});
  const { signing } = JSON.parse(readFileSync(join(issuerFolder, 'keys.json'), 'utf8')) as { signing: JWK };
  const sameKey = (alg: string): Promise<string> =>
    importJWK(signing, alg).then((key) => new SignJWT(claims).setProtectedHeader({ ...header, alg }).sign(key));
  const [head = '', body = '', signature = ''] = good.split('.');
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const hmacInput = `${encode({ ...header, alg: 'HS256' })}.${body}`;
  return {
    good,
    bad: {
      expired: await sign({ iat: now - 7200, nbf: now - 7200, exp: now - 3600 }),
      'not valid yet': await sign({ nbf: now + 3600 }),
      'without an end': await new SignJWT(endless).setProtectedHeader(header).sign(keys.signing),
      'for another audience': await sign({ aud: '00000003-0000-0000-c000-000000000000' }),
      'of another issuer': await sign({ iss: issuer.replace(/[0-9a-f]{8}-/, '00000000-') }),
      'signed with another key': await sign({}, header, other.privateKey),
      'signed with a key nobody knows': await sign({}, { ...header, kid: 'unknown' }, other.privateKey),
      'signed with the right key by RS512': await sameKey('RS512'),
      'signed with the right key by PS256': await sameKey('PS256'),
      'with alg none': new UnsecuredJWT(claims).encode(),
      'with alg none and a signature': `${encode({ alg: 'none' })}.${body}.${signature}`,
      'signed with the public key as a password': `${hmacInput}.${createHmac('sha256', JSON.stringify(keys.publicJwk)).update(hmacInput).digest('base64url')}`,
      'with more roles written in': `${head}.${encode({ ...claims, roles: ['Pipeline.Admin', ...roles] })}.${signature}`,
      'that is none': 'abc',
    },
  };
}
