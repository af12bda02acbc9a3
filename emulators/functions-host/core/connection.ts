import { HostSetupError } from './errors.ts';

/** App settings, as the environment holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The app settings that a connection of that name may be, the first that is there. */
export function connectionSettings(name: string): string[] {
  return [`AzureWebJobs${name}`, name, `ConnectionStrings:${name}`];
}

/**
 * The value of the app setting that a binding names as its `connection`: `AzureWebJobs<name>`, `<name>`, or a connection string
 * of that name.
 * Source: azure-webjobs-sdk, `Extensions/IConfigurationExtensions.cs`, `GetWebJobsConnectionStringSection`.
 * @throws HostSetupError when there is none.
 */
export function readConnection(name: string, environment: Environment, identity: readonly string[]): string {
  const value = connectionSettings(name)
    .map((setting) => environment[setting])
    .find((text) => text !== undefined);
  if (value !== undefined && value !== '') {
    return value;
  }
  const part = identity.find((candidate) =>
    [`${name}__${candidate}`, `AzureWebJobs${name}__${candidate}`].some((setting) => environment[setting]),
  );
  throw new HostSetupError(
    part === undefined
      ? `the connection "${name}" does not exist: add an app setting of that name with a connection string to local.settings.json`
      : `the connection "${name}" uses an identity (${name}__${part}), which this host does not serve: give "${name}" a connection string`,
  );
}

/** The parts of `Name=value;Name=value`, their names in small letters. */
export function parseConnectionString(text: string): Readonly<Record<string, string | undefined>> {
  const parts: Record<string, string> = {};
  for (const part of text.split(';')) {
    const [name = '', ...value] = part.split('=');
    if (value.length > 0) {
      parts[name.trim().toLowerCase()] = value.join('=').trim();
    }
  }
  return parts;
}
