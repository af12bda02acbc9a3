/**
 * Makes Ctrl-C (SIGINT) and SIGTERM end this process by `process.exit`, so that what it started is ended too; until
 * `untilInterrupted` is called, which takes them for the wish to stop in order.
 */
export function exitWhenInterrupted(): void {
  process.once('SIGINT', exit).once('SIGTERM', exit);
}

/** Resolves at the next SIGINT or SIGTERM. */
export function untilInterrupted(): Promise<void> {
  process.off('SIGINT', exit).off('SIGTERM', exit);
  return new Promise((resolve) => {
    const keepAlive = setInterval(() => undefined, 1 << 30);
    const stop = (): void => {
      clearInterval(keepAlive);
      resolve();
    };
    process.once('SIGINT', stop).once('SIGTERM', stop);
  });
}

function exit(): void {
  process.exit(130);
}
