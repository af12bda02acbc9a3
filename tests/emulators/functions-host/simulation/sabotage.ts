/** What a test may do to the SQL between the engine and its database, to plant a bug. Nothing by default. */
export const sabotage: {
  /** Another statement in the place of this one. */
  rewrite?: ((sql: string) => string) | undefined;
  /** Whether a commit slips in after this statement. */
  commitsAfter?: ((sql: string) => boolean) | undefined;
} = {};
