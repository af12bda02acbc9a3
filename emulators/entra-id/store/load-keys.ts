import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CryptoKey, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';

/** The keys of a tenant. */
export interface TenantKeys {
  readonly kid: string;
  /** Signs tokens. */
  readonly signing: CryptoKey;
  /** What clients verify them with. */
  readonly publicJwk: JWK;
  /** Encrypts what only the issuer reads: codes, refresh tokens, sessions. */
  readonly sealing: Uint8Array;
}

interface KeyFile {
  readonly kid: string;
  readonly signing: JWK;
  readonly sealing: string;
}

/**
 * Reads the keys of a data folder; the first time it makes them, readable by their owner only.
 * @throws Error when the file is there but holds no keys
 */
export async function loadKeys(dataFolder: string): Promise<TenantKeys> {
  const path = join(dataFolder, 'keys.json');
  if (!existsSync(path)) await makeKeys(dataFolder, path);
  const { kid, signing, sealing } = parse(path);
  const key = await importJWK(signing, 'RS256', { extractable: false });
  if (key instanceof Uint8Array) throw new Error(`${path} holds no RSA key; delete it to have new keys made`);
  const { n, e } = signing;
  return {
    kid,
    signing: key,
    publicJwk: { kty: 'RSA', use: 'sig', kid, ...(n && { n }), ...(e && { e }) },
    sealing: Buffer.from(sealing, 'base64url'),
  };
}

async function makeKeys(dataFolder: string, path: string): Promise<void> {
  mkdirSync(dataFolder, { recursive: true });
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const random = (bytes: number): string =>
    Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('base64url');
  const keys: KeyFile = { kid: random(20), signing: await exportJWK(privateKey), sealing: random(32) };
  const half = `${path}.new`;
  writeFileSync(half, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  chmodSync(half, 0o600);
  renameSync(half, path);
}

function parse(path: string): KeyFile {
  try {
    const keys = JSON.parse(readFileSync(path, 'utf8')) as Partial<KeyFile>;
    if (typeof keys.kid === 'string' && typeof keys.sealing === 'string' && keys.signing?.kty === 'RSA')
      return keys as KeyFile;
  } catch {
    // falls through: no keys
  }
  throw new Error(`${path} holds no keys; delete it to have new ones made`);
}
