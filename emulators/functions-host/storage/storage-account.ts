import { type Environment, parseConnectionString, readConnection } from '../core/connection.ts';
import { HostSetupError } from '../core/errors.ts';

/** Where a storage account is, and what opens it: its key, or a shared access signature. */
export interface StorageAccount {
  readonly name: string;
  /** Without a slash at the end. */
  readonly blobEndpoint: string;
  readonly queueEndpoint: string;
  readonly tableEndpoint: string;
  readonly key?: Buffer;
  /** A query string without the question mark. */
  readonly sas?: string;
}

/** The account of the storage emulator, whose key is published. Source: "Use the Azurite emulator", well-known account. */
const developmentName = 'devstoreaccount1';
const developmentKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** What the settings of an identity-based connection are called, after `<name>__`. */
const identityParts = ['accountName', 'serviceUri', 'blobServiceUri', 'queueServiceUri', 'tableServiceUri'];

/**
 * The storage account that a binding names as its `connection`; none means `AzureWebJobsStorage`.
 * @throws HostSetupError when the setting does not exist or is no connection string. It never shows the value.
 */
export function storageAccount(connection: unknown, environment: Environment): StorageAccount {
  const name = typeof connection === 'string' && connection !== '' ? connection : 'AzureWebJobsStorage';
  const parts = parseConnectionString(readConnection(name, environment, identityParts));
  const wrong = (what: string) =>
    new HostSetupError(`the app setting "${name}" is no connection string of a storage account: ${what}`);
  if (parts.usedevelopmentstorage?.toLowerCase() === 'true') {
    const base = (parts.developmentstorageproxyuri ?? 'http://127.0.0.1').replace(/\/+$/, '');
    return {
      name: developmentName,
      key: Buffer.from(developmentKey, 'base64'),
      blobEndpoint: `${base}:10000/${developmentName}`,
      queueEndpoint: `${base}:10001/${developmentName}`,
      tableEndpoint: `${base}:10002/${developmentName}`,
    };
  }
  const account = parts.accountname ?? accountOf(parts.blobendpoint ?? parts.queueendpoint ?? parts.tableendpoint);
  const endpoint = (service: 'blob' | 'queue' | 'table'): string => {
    const given = parts[`${service}endpoint`];
    const { defaultendpointsprotocol: protocol = 'https', endpointsuffix: suffix = 'core.windows.net' } = parts;
    return (given ?? `${protocol}://${account}.${service}.${suffix}`).replace(/\/+$/, '');
  };
  if (account === undefined) {
    throw wrong('it has no AccountName');
  }
  const urls = {
    name: account,
    blobEndpoint: endpoint('blob'),
    queueEndpoint: endpoint('queue'),
    tableEndpoint: endpoint('table'),
  };
  if (![urls.blobEndpoint, urls.queueEndpoint, urls.tableEndpoint].every((url) => URL.canParse(url))) {
    throw wrong('an endpoint is no URL');
  }
  if (parts.accountkey !== undefined) {
    return { ...urls, key: Buffer.from(parts.accountkey, 'base64') };
  }
  if (parts.sharedaccesssignature !== undefined) {
    return { ...urls, sas: parts.sharedaccesssignature.replace(/^\?/, '') };
  }
  throw wrong('it has neither AccountKey nor SharedAccessSignature');
}

function accountOf(endpoint: string | undefined): string | undefined {
  return endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname.split('.')[0] : undefined;
}
