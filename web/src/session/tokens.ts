/** Roles that the API knows. */
export type Role = 'Insights.Read' | 'Data.Query' | 'Pipeline.Operate' | 'Pipeline.Admin';

/** What a sign-in gives. */
export interface Tokens {
  readonly access: string;
  readonly refresh?: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly name: string;
  readonly roles: readonly string[];
}

/**
 * The roles that an access token claims, to decide what is offered. Nothing is verified here: the API does that at each request.
 */
export function rolesOf(accessToken: string): readonly string[] {
  try {
    const payload = accessToken.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(payload.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const { roles } = JSON.parse(new TextDecoder().decode(bytes)) as { readonly roles?: unknown };
    return Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [];
  } catch {
    return [];
  }
}
