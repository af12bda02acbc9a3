import { accessToken, signedOut } from '../session/session.ts';
import { readProblem } from './api-problem.ts';

/** Sends a request with the access token of who signed in. A token that is no longer taken ends the session. */
export async function send(path: string, init: RequestInit = {}): Promise<Response> {
  const token = await accessToken();
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const response = await fetch(path, { ...init, headers });
  if (response.status === 401) signedOut('Your sign-in has expired. Please sign in again.');
  return response;
}

/** The JSON of an answer. @throws ApiProblem when it is no success, TypeError when there is no network */
export async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const response = await send(path, init);
  if (!response.ok) throw await readProblem(response);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** POST with a JSON body. */
export function post<T>(path: string, body: unknown, init: RequestInit = {}): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return call<T>(path, { ...init, method: 'POST', headers, body: JSON.stringify(body) });
}
