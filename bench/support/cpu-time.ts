import { readFileSync } from 'node:fs';

/** How long a process has computed so far, in milliseconds; undefined where there is no /proc. */
export function cpuMilliseconds(pid: number): number | undefined {
  try {
    const [user = 0, system = 0] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
      .slice(11, 13)
      .map(Number);
    return (user + system) * 10; // the kernel counts in hundredths of a second
  } catch {
    return undefined;
  }
}
