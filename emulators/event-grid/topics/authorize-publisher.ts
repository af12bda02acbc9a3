import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a publisher is refused, or undefined if the key or token is right. */
export type Refusal = string | undefined;

/**
 * Checks `aeg-sas-key` (the topic's key) or a token (`aeg-sas-token`, or `Authorization: SharedAccessSignature …`) made of
 * resource, expiry and an HMAC of both. Source: "Authenticate publishing clients using access keys or SAS tokens".
 */
export function authorizePublisher(headers: IncomingHttpHeaders, key: string, topicPath: string): Refusal {
  const presented = headers['aeg-sas-key'];
  if (typeof presented === 'string')
    return equal(presented, key) ? undefined : 'The aeg-sas-key is not the key of this topic.';

  const header = headers['aeg-sas-token'] ?? headers.authorization?.replace(/^SharedAccessSignature\s+/i, '');
  if (typeof header !== 'string')
    return 'Request must contain one of the following authorization signature: aeg-sas-token, aeg-sas-key.';
  const match = /^(r=([^&]*)&e=([^&]*))&s=(.*)$/.exec(header);
  const [, unsigned, resource, expiry, signature] = match ?? [];
  if (unsigned === undefined || resource === undefined || expiry === undefined || signature === undefined) {
    return 'The SAS token must look like r=…&e=…&s=….';
  }
  const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(unsigned, 'utf8').digest('base64');
  if (!equal(decodeURIComponent(signature), expected)) return 'The SAS token has a wrong signature.';
  const expiresAt = Date.parse(`${decodeURIComponent(expiry).replace(/\+/g, ' ')} UTC`);
  if (!(expiresAt > Date.now())) return 'The SAS token has expired.';
  const path = new URL(decodeURIComponent(resource)).pathname.toLowerCase();
  return topicPath.toLowerCase().startsWith(path) ? undefined : 'The SAS token is for another resource.';
}

function equal(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
