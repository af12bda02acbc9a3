/**
 * Turns the glob of `arrival.path` into a test of a blob's path: `*` matches within a folder, `**` across
 * folders, `?` one character; everything else matches itself.
 */
export function pathPattern(glob: string): RegExp {
  const body = glob.replace(/\*\*|\*|\?|[\\^$.|+()[\]{}]/g, (token) => {
    if (token === '**') return '.*';
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    return `\\${token}`;
  });
  return new RegExp(`^${body}$`);
}
