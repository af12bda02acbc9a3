import { execFileSync } from 'node:child_process';
import { pythonProgram } from '../../scripts/stack/endpoints.ts';

/** Resident memory of some processes and all that they started, in megabytes; memory that several share is counted once (PSS). */
export function residentMegabytes(roots: readonly number[]): number {
  const script = [
    'import sys, os',
    'parents = {}',
    'for pid in filter(str.isdigit, os.listdir("/proc")):',
    '    try: parents[int(pid)] = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])',
    '    except OSError: pass',
    'wanted = set(map(int, sys.argv[1:]))',
    'while True:',
    '    more = {pid for pid, parent in parents.items() if parent in wanted} - wanted',
    '    if not more: break',
    '    wanted |= more',
    'total = 0',
    'for pid in wanted:',
    '    try: total += next(int(line.split()[1]) for line in open(f"/proc/{pid}/smaps_rollup") if line.startswith("Pss:"))',
    '    except OSError: pass',
    'print(total / 1024)',
  ].join('\n');
  return Number(execFileSync(pythonProgram('python'), ['-c', script, ...roots.map(String)], { encoding: 'utf8' }));
}
