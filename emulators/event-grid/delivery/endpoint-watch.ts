import { connect } from 'node:net';

/** Notices when endpoints that refused connections accept them again. */
export interface EndpointWatch {
  watch(url: string): void;
  close(): void;
}

const PROBE_EVERY_MS = 200;
const PROBE_TIMEOUT_MS = 1000;

/** The host and port that a URL is served from: what is up or down as one. */
export function originOf(url: string): string {
  return new URL(url).origin;
}

/**
 * Probes each watched origin by a bare TCP connection until it accepts, then tells `onBack` and forgets it. A departure
 * from the service, made for a laptop, where a subscriber that restarts should not wait for the next slot of the schedule.
 */
export function createEndpointWatch(onBack: (origin: string) => void): EndpointWatch {
  const timers = new Map<string, NodeJS.Timeout>();

  const probe = (origin: string): void => {
    const { hostname, port, protocol } = new URL(origin);
    const socket = connect({ host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    socket.setTimeout(PROBE_TIMEOUT_MS, () => socket.destroy());
    let accepted = false;
    socket.once('connect', () => {
      accepted = true;
      socket.destroy();
    });
    socket.once('error', () => {});
    socket.once('close', () => {
      if (!timers.has(origin)) return;
      if (!accepted) {
        timers.set(origin, setTimeout(probe, PROBE_EVERY_MS, origin));
        return;
      }
      timers.delete(origin);
      onBack(origin);
    });
  };

  return {
    watch: (url) => {
      const origin = originOf(url);
      if (!timers.has(origin)) timers.set(origin, setTimeout(probe, PROBE_EVERY_MS, origin));
    },
    close: () => {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    },
  };
}
