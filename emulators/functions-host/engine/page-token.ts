/** A place in a list of instances: the time of creation and the id of one of them. */
export type InstancePosition = [createdAt: number, id: string];

/** What a client is given to go on from that place. */
export function toToken(position: InstancePosition): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The place that a token stands for; `start` without one, or when it is not ours. */
export function parseToken(token: string | undefined, start: InstancePosition): InstancePosition {
  if (token === undefined) {
    return start;
  }
  try {
    const [createdAt, id] = JSON.parse(Buffer.from(token, 'base64url').toString()) as [unknown, unknown];
    return typeof createdAt === 'number' && typeof id === 'string' ? [createdAt, id] : start;
  } catch {
    return start;
  }
}
