import { open, url, waitForDebugger } from 'node:inspector';
import { HostSetupError } from '../core/errors.ts';
import type { InspectorOptions } from './options.ts';

/**
 * Lets a debugger attach to this process, which is the one that the app runs in, from this machine only. Node says
 * on stderr where.
 * @throws HostSetupError when the port is taken.
 */
export function openInspector({ port, wait }: InspectorOptions): void {
  try {
    open(port, '127.0.0.1');
  } catch {
    // It is open already, by NODE_OPTIONS.
  }
  if (url() === undefined) {
    throw new HostSetupError(`the debugger's port ${port} is in use: choose another with --inspect=PORT`);
  }
  if (wait) {
    waitForDebugger();
  }
}
