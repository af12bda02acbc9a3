import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, commonName, element, integer, octets, oid, sequence, TRUE, utcTime } from './der.ts';

/** PEM texts of a server and of the authority that vouches for it. */
export interface Certificates {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const SAN = { localhost: element(0x82, Buffer.from('localhost')) };
const LOOPBACK = [
  element(0x87, Buffer.from([127, 0, 0, 1])),
  element(0x87, Buffer.from('00000000000000000000000000000001', 'hex')),
];

interface Contents {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly from: Date;
  readonly until: Date;
  readonly extensions: readonly Buffer[];
}

/**
 * Makes an authority and, signed by it, the certificate of a server on this machine (localhost, 127.0.0.1, ::1). The
 * authority's private key is used once and kept nowhere, so that trusting it cannot be misused later. X.509 v3 with
 * ECDSA on P-256 and key identifiers, as RFC 5280 and strict checkers want it.
 */
export function issueCertificates(from: Date, until: Date): Certificates {
  const authority = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const server = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const issuer = `Local Data Factory ${randomBytes(4).toString('hex')}`;
  const common = { issuer, issuerKey: authority.privateKey, from, until };
  return {
    authority: certificate({
      ...common,
      subject: issuer,
      publicKey: authority.publicKey,
      extensions: [
        extension('2.5.29.19', sequence(TRUE, integer(Buffer.from([0]))), true), // an authority, of servers only
        extension('2.5.29.15', bits(Buffer.from([0b0000_0110]), 1), true), // signs certificates and revocations
        subjectKeyId(authority.publicKey),
      ],
    }),
    certificate: certificate({
      ...common,
      subject: 'localhost',
      publicKey: server.publicKey,
      extensions: [
        extension('2.5.29.19', sequence(), true),
        extension('2.5.29.15', bits(Buffer.from([0b1000_0000]), 7), true), // signs handshakes
        extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))), // is a server
        extension('2.5.29.17', sequence(SAN.localhost, ...LOOPBACK)),
        subjectKeyId(server.publicKey),
        extension('2.5.29.35', sequence(element(0x80, keyId(authority.publicKey)))),
      ],
    }),
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function certificate({ subject, publicKey, issuer, issuerKey, from, until, extensions }: Contents): string {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    element(0xa0, integer(Buffer.from([2]))), // version 3
    integer(serial),
    ECDSA_WITH_SHA256,
    commonName(issuer),
    sequence(utcTime(from), utcTime(until)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    element(0xa3, sequence(...extensions)),
  );
  const der = sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, issuerKey)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));
}

function subjectKeyId(publicKey: KeyObject): Buffer {
  return extension('2.5.29.14', octets(keyId(publicKey)));
}

/** SHA-1 of the key's bits, as RFC 5280 proposes; on P-256 they are the last 65 bytes. */
function keyId(publicKey: KeyObject): Buffer {
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  return createHash('sha1').update(point).digest();
}
