const prefix = 'azurefunctionsjobhost__';

/**
 * host.json with what the environment says instead: `AzureFunctionsJobHost__extensions__durableTask__defaultVersion=2.0`.
 * Such values are texts, and names match in any case.
 * Source: "host.json reference for Azure Functions", "Override host.json values".
 */
export function overrideConfig(
  config: Readonly<Record<string, unknown>>,
  environment: NodeJS.ProcessEnv,
): Record<string, unknown> {
  const overridden = structuredClone(config) as Record<string, unknown>;
  for (const [name, value] of Object.entries(environment)) {
    if (name.toLowerCase().startsWith(prefix) && value !== undefined) {
      put(overridden, name.slice(prefix.length).split('__'), value);
    }
  }
  return overridden;
}

function put(target: Record<string, unknown>, [name = '', ...rest]: readonly string[], value: string): void {
  const key = Object.keys(target).find((known) => known.toLowerCase() === name.toLowerCase()) ?? name;
  if (rest.length === 0) {
    target[key] = value;
    return;
  }
  const inner = target[key];
  const section = typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
  target[key] = section;
  put(section, rest, value);
}
