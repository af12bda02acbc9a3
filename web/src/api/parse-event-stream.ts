/** One server-sent event. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string;
}

/**
 * Parses a stream of server-sent events as it comes.
 * Source: html.spec.whatwg.org, "Server-sent events", section 9.2.6.
 */
export async function* parseEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let rest = '';
  let fields: { event: string; data: string[] } = { event: 'message', data: [] };
  let id = '';
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      // A carriage return at the end of a chunk may be half of a line's end.
      const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (line === '') {
          if (fields.data.length > 0) yield { event: fields.event, data: fields.data.join('\n'), id };
          fields = { event: 'message', data: [] };
        } else if (!line.startsWith(':')) {
          const [name = '', text = ''] = cut(line);
          if (name === 'event') fields.event = text;
          else if (name === 'data') fields.data.push(text);
          else if (name === 'id') id = text;
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function cut(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  if (colon === -1) return [line, ''];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, '')];
}
