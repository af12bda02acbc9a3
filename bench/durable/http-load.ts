import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface HttpLoad {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  readonly connections: number;
  readonly seconds: number;
}

/** How many requests a second a server answers, by a load generator in a process of its own. @throws Error when an answer is not 2xx */
export async function requestsPerSecond(
  peers: string,
  { url, method = 'GET', connections, seconds }: HttpLoad,
): Promise<number> {
  const program = join(peers, 'node_modules', 'autocannon', 'autocannon.js');
  const options = ['-c', String(connections), '-d', String(seconds), '-m', method, '--json', url];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...options]);
  const result = JSON.parse(stdout) as Record<'2xx' | 'non2xx' | 'errors' | 'duration', number>;
  if (result.non2xx + result.errors > 0) throw new Error(`${url}: ${result.non2xx + result.errors} requests failed`);
  return result['2xx'] / result.duration;
}
