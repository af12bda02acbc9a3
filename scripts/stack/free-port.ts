import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Below those that systems give to outgoing connections, any of which could take a port before a server does. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;
const CLAIMS = join(tmpdir(), 'landfall-ports');
const claimed: string[] = [];

/** A port of 127.0.0.1 on which nothing listens, and which no other process is given as long as this one lives. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 1000; attempt += 1) {
    const port = FIRST_PORT + randomInt(PORTS);
    if (claim(port) && (await isFree(port))) return port;
  }
  throw new Error(`No port between ${FIRST_PORT} and ${FIRST_PORT + PORTS} is free.`);
}

/** Notes a port as this process's: between its choice and the start of its server nothing else says that it is taken. */
function claim(port: number): boolean {
  mkdirSync(CLAIMS, { recursive: true });
  const note = join(CLAIMS, String(port));
  if (isAlive(owner(note))) return false;
  rmSync(note, { force: true });
  try {
    writeFileSync(note, String(process.pid), { flag: 'wx' });
  } catch {
    return false; // another process was quicker
  }
  if (claimed.push(note) === 1) {
    process.once('exit', () => {
      for (const one of claimed) rmSync(one, { force: true });
    });
  }
  return true;
}

function owner(note: string): number | undefined {
  try {
    return Number(readFileSync(note, 'utf8'));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined || !(pid > 0)) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
