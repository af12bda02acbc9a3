/** App roles of the Entra ID registration. Each opens the routes that ask for it, and no others. */
export const ROLES = ['Insights.Read', 'Data.Query', 'Pipeline.Operate', 'Pipeline.Admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who may call a route: holders of a role, or anyone. */
export type Access = Role | 'anyone';

/** Roles whose routes a function key opens too: a key names nobody, so it administers nothing. */
export function opensByKey(role: Role): boolean {
  return role !== 'Pipeline.Admin';
}
