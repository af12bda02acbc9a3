import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificates, issueCertificates } from './issue-certificates.ts';

const DAY_MS = 86_400_000;
const VALID_DAYS = 800;
const RENEW_DAYS_BEFORE = 30;

/**
 * The server's certificate and its authority (`ca.pem`), which clients trust. They are kept in the folder, so that a
 * client's trust outlives a restart, and made anew when they are about to expire.
 */
export function loadCertificates(folder: string): Certificates {
  const [authority, server] = [join(folder, 'ca.pem'), join(folder, 'server.pem')];
  if (existsSync(authority) && existsSync(server)) {
    const [certificate = '', key = ''] = readFileSync(server, 'utf8').split(/(?=-----BEGIN PRIVATE KEY-----)/);
    const kept = { authority: readFileSync(authority, 'utf8'), certificate, key };
    if (isUsable(kept)) return kept;
  }
  const now = Date.now();
  const made = issueCertificates(new Date(now - DAY_MS), new Date(now + VALID_DAYS * DAY_MS));
  writeFileSync(`${server}.new`, made.certificate + made.key, { mode: 0o600 });
  writeFileSync(`${authority}.new`, made.authority);
  renameSync(`${authority}.new`, authority);
  renameSync(`${server}.new`, server);
  return made;
}

/** A crash between the two renames leaves a pair that does not fit, which is replaced too. */
function isUsable({ authority, certificate, key }: Certificates): boolean {
  if (key === '') return false;
  try {
    const server = new X509Certificate(certificate);
    const fits = server.verify(new X509Certificate(authority).publicKey);
    return fits && server.validToDate.getTime() > Date.now() + RENEW_DAYS_BEFORE * DAY_MS;
  } catch {
    return false; // a damaged file is made anew
  }
}
