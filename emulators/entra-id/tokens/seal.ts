import { EncryptJWT, type JWTPayload, jwtDecrypt } from 'jose';

/** What a sealed value is for: one kind cannot be passed off as another. */
export type SealedKind = 'code' | 'refresh' | 'session';

/** Texts that only the issuer reads and makes, so that it needs to keep nothing: they outlive a restart. */
export interface Sealer {
  seal(kind: SealedKind, claims: JWTPayload, lifetimeSeconds: number): Promise<string>;
  /** The claims; undefined when the text is no such value or has expired. */
  open(kind: SealedKind, text: string): Promise<JWTPayload | undefined>;
}

/** Seals by encryption with one key (AES-256-GCM). */
export function createSealer(key: Uint8Array): Sealer {
  return {
    seal: (kind, claims, lifetimeSeconds) =>
      new EncryptJWT(claims)
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setAudience(kind)
        .setIssuedAt()
        .setJti(crypto.randomUUID())
        .setExpirationTime(`${lifetimeSeconds}s`)
        .encrypt(key),
    async open(kind, text) {
      try {
        return (await jwtDecrypt(text, key, { audience: kind })).payload;
      } catch {
        return undefined;
      }
    },
  };
}
