import { refreshTokens } from './sign-in.ts';
import type { Role, Tokens } from './tokens.ts';

// Tokens are kept for the tab only. They are never written where another tab, a later visitor or a service worker could read them.
const KEY = 'landfall-session';

/** Who is signed in, or why nobody is. */
export interface Session {
  readonly tokens?: Tokens;
  readonly message?: string;
}

let session: Session = restore();
const listeners = new Set<(session: Session) => void>();

export function currentSession(): Session {
  return session;
}

/** Calls back at each change. @returns a function that ends it */
export function onSession(listener: (session: Session) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function signedIn(tokens: Tokens): void {
  set({ tokens });
}

export function signedOut(message?: string): void {
  set(message === undefined ? {} : { message });
}

/** Whether who is signed in has a role. It decides what is offered; what is allowed the API decides. */
export function may(role: Role): boolean {
  return session.tokens?.roles.includes(role) ?? false;
}

let refreshing: Promise<Tokens | undefined> | undefined;

/** An access token that holds for another minute at least; undefined when nobody is signed in. */
export async function accessToken(): Promise<string | undefined> {
  const { tokens } = session;
  if (tokens === undefined || tokens.expiresAt > Date.now() + 60_000) return tokens?.access;
  refreshing ??= refreshTokens(tokens).finally(() => {
    refreshing = undefined;
  });
  const fresh = await refreshing;
  if (fresh !== undefined) signedIn(fresh);
  return fresh?.access ?? tokens.access;
}

function set(next: Session): void {
  session = next;
  if (next.tokens === undefined) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, JSON.stringify(next.tokens));
  for (const listener of listeners) listener(next);
}

function restore(): Session {
  try {
    const text = sessionStorage.getItem(KEY);
    return text === null ? {} : { tokens: JSON.parse(text) as Tokens };
  } catch {
    return {};
  }
}
