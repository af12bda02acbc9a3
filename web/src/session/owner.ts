import { forgetKept } from '../api/last-insights.ts';

const OWNER = 'landfall-owner';

/** What is kept on this device belongs to one person: another one who signs in begins anew. */
export async function takeOver(name: string): Promise<void> {
  if (localStorage.getItem(OWNER) !== name) await forgetKept();
  localStorage.setItem(OWNER, name);
}

/** Leaves nothing behind. */
export async function leaveDevice(): Promise<void> {
  localStorage.removeItem(OWNER);
  await forgetKept();
}
