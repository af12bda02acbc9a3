/** How the text of a queue message holds its bytes; `messageEncoding` of host.json. */
export type MessageEncoding = 'base64' | 'none';

/** The text of a message that holds these bytes, or this text. */
export function encodeMessage(content: string | Uint8Array, encoding: MessageEncoding): string {
  const bytes = Buffer.from(content as Uint8Array);
  return encoding === 'base64' ? bytes.toString('base64') : bytes.toString();
}

/** The bytes that a message holds; undefined when its text is not encoded so. */
export function decodeMessage(text: string, encoding: MessageEncoding): Buffer | undefined {
  if (encoding === 'none') {
    return Buffer.from(text);
  }
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isBase64 ? Buffer.from(text, 'base64') : undefined;
}
