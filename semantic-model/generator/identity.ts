import { createHash } from 'node:crypto';

/** The namespace of our version 5 UUIDs; arbitrary, but it must never change, or every lineage tag would. */
const NAMESPACE = Buffer.from('5b1c2f0e8d3a4c6f9e7a1d2b3c4d5e6f', 'hex');

/** A version 5 UUID (RFC 9562) of a key: the same thing keeps its tag from one generation to the next. */
export function stableUuid(key: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(key, 'utf8').digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A name for a page or visual of a report: 20 hexadecimal digits, as Desktop writes them. */
export function stableName(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex').slice(0, 20);
}
