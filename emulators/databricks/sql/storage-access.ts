import { createHmac } from 'node:crypto';

type Environment = Readonly<Record<string, string | undefined>>;

const VERSION = '2021-12-02';
const YEARS = 10;

/**
 * The environment of a process that may read storage and never write it: the account's key is left out, a shared access
 * signature with the permissions read and list stands in its place. Without a key in the environment nothing changes.
 * Source: learn.microsoft.com/rest/api/storageservices/create-account-sas.
 */
export function readOnlyStorage(env: Environment): Record<string, string | undefined> {
  const {
    AZURE_STORAGE_ACCOUNT_KEY: key,
    AZURE_STORAGE_USE_EMULATOR: _emulator,
    AZURITE_BLOB_STORAGE_URL: azurite,
    ...rest
  } = env;
  const account = env.AZURE_STORAGE_ACCOUNT_NAME;
  if (key === undefined || account === undefined) return { ...env };
  return {
    ...rest,
    AZURE_STORAGE_SAS_TOKEN: readOnlySignature(account, key, new Date()),
    ...(azurite === undefined
      ? {}
      : {
          AZURE_STORAGE_ENDPOINT: `${azurite.replace(/\/$/, '')}/${account}`,
          AZURE_ALLOW_HTTP: String(azurite.startsWith('http:')),
        }),
  };
}

function readOnlySignature(account: string, key: string, now: Date): string {
  const end = new Date(now);
  end.setUTCFullYear(end.getUTCFullYear() + YEARS);
  const expiry = `${end.toISOString().slice(0, 19)}Z`;
  const fields = { sv: VERSION, ss: 'b', srt: 'sco', sp: 'rl', se: expiry };
  const signed = [account, fields.sp, fields.ss, fields.srt, '', fields.se, '', '', fields.sv, '', ''].join('\n');
  const signature = createHmac('sha256', Buffer.from(key, 'base64')).update(signed).digest('base64');
  return new URLSearchParams({ ...fields, sig: signature }).toString();
}
