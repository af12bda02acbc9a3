import { useEffect, useState } from 'preact/hooks';
import { currentSession, onSession, type Session } from './session.ts';

/** Who is signed in, as it changes. */
export function useSession(): Session {
  const [session, setSession] = useState(currentSession());
  useEffect(() => onSession(setSession), []);
  return session;
}
