/** The pieces in which SQLite writes: pages of the database, and frames (a page and its header) of the log after its own header. */
const pageBytes = 4096;
const logHeaderBytes = 32;
const frameBytes = 24 + pageBytes;

/** Where the pieces of a log of that length begin; its header is the first. */
function logPieces(length: number): number[] {
  const starts = [0];
  for (let at = logHeaderBytes; at < length; at += frameBytes) {
    starts.push(at);
  }
  return [...starts, length];
}

function pagePieces(length: number): number[] {
  return Array.from({ length: Math.ceil(length / pageBytes) + 1 }, (_, i) => Math.min(i * pageBytes, length));
}

/**
 * What a power cut in the middle of a write may leave of a file: all that was written up to a piece, or up to the middle
 * of one, in order; or all but one piece, in any order. `before` and `after` themselves are not among them.
 */
function* tornImages(before: Buffer, after: Buffer, pieces: readonly number[]): Generator<Buffer> {
  const old = Buffer.concat([before, Buffer.alloc(Math.max(after.length - before.length, 0))]);
  const changed = pieces
    .slice(0, -1)
    .map((start, index) => [start, pieces[index + 1] ?? start] as const)
    .filter(([start, end]) => !after.subarray(start, end).equals(old.subarray(start, end)));
  for (const [index, [start, end]] of changed.entries()) {
    const images: Buffer[] = [];
    const middle = start + Math.ceil((end - start) / 2);
    const cutBefore = Buffer.concat([after.subarray(0, start), before.subarray(Math.min(start, before.length))]);
    const cutWithin = Buffer.concat([after.subarray(0, middle), before.subarray(Math.min(middle, before.length))]);
    if (index > 0) {
      images.push(cutBefore);
      const missing = Buffer.from(after);
      old.copy(missing, start, start, end);
      images.push(missing);
    }
    images.push(cutWithin);
    // Half a piece may be no change at all.
    yield* images.filter((image) => !image.equals(after) && !image.equals(before));
  }
}

export const tornLogs = (before: Buffer, after: Buffer) => tornImages(before, after, logPieces(after.length));
export const tornDatabases = (before: Buffer, after: Buffer) => tornImages(before, after, pagePieces(after.length));
