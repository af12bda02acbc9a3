import { invalidParameter } from '../api-error.ts';
import { type JsonObject, optionalString } from '../domain/json.ts';

/** A part of a long list, and what the answer says about the rest. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly more: { readonly has_more?: true; readonly next_page_token?: string };
}

/** The page that the query's `page_token` (an offset) asks for. */
export function readPage<T>(query: JsonObject, all: readonly T[], size: number): Page<T> {
  const token = optionalString(query, 'page_token') ?? '0';
  if (!/^\d{1,9}$/.test(token)) throw invalidParameter('Invalid page_token.');
  const end = Number(token) + size;
  const items = all.slice(Number(token), end);
  return { items, more: end < all.length ? { has_more: true, next_page_token: String(end) } : {} };
}
