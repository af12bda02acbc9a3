import type { RpcTraceContext } from './rpc-types.ts';

/** What a caller sent to say which trace its request belongs to. */
export interface IncomingTrace {
  readonly parent: string | undefined;
  readonly state: string | undefined;
}

const valid = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})$/;

/**
 * The trace context of a call: in the trace of the caller, if it sent one, or in one of its own. The span is named after the
 * invocation; nothing is recorded of it.
 * Source: W3C Trace Context, section 3.2.
 */
export function traceContext(invocationId: string, incoming: IncomingTrace | undefined): RpcTraceContext {
  const id = invocationId.replaceAll('-', '');
  const [, traceId = id, flags = '00'] = incoming?.parent === undefined ? [] : (valid.exec(incoming.parent) ?? []);
  return {
    traceParent: `00-${traceId}-${id.slice(0, 16)}-${flags}`,
    traceState: incoming?.state ?? '',
    attributes: {},
  };
}
