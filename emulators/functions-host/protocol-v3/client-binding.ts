/** Where a durable client of the app finds the host. */
export interface ClientEndpoints {
  /** `http://localhost:7071` */
  readonly origin: string;
  readonly taskHub: string;
  readonly key: string;
  /** Ends in a slash; needs no key. */
  readonly rpcBaseUrl: string;
}

export const webhookPath = '/runtime/webhooks/durabletask';

/** The URLs by which one instance is managed; `INSTANCEID` when it is not known yet. */
export function managementUrls({ origin, taskHub, key }: ClientEndpoints, id: string): Record<string, string> {
  const instance = `${origin}${webhookPath}/instances/${encodeURIComponent(id)}`;
  const query = `taskHub=${taskHub}&connection=Storage&code=${key}`;
  return {
    id,
    statusQueryGetUri: `${instance}?${query}`,
    sendEventPostUri: `${instance}/raiseEvent/{eventName}?${query}`,
    terminatePostUri: `${instance}/terminate?reason={text}&${query}`,
    rewindPostUri: `${instance}/rewind?reason={text}&${query}`,
    purgeHistoryDeleteUri: `${instance}?${query}`,
    restartPostUri: `${instance}/restart?${query}`,
    suspendPostUri: `${instance}/suspend?reason={text}&${query}`,
    resumePostUri: `${instance}/resume?reason={text}&${query}`,
  };
}

/**
 * The value of a `durableClient` input, as text.
 * Source: Azure/azure-functions-durable-extension, `Bindings/BindingHelper.cs`, `HttpApiHandler.cs`.
 */
export function durableClientInput(endpoints: ClientEndpoints): string {
  const { origin, taskHub, key, rpcBaseUrl } = endpoints;
  const query = `taskHub=${taskHub}&connection=Storage&code=${key}`;
  const create = `${origin}${webhookPath}/orchestrators/{functionName}[/{instanceId}]`;
  return JSON.stringify({
    taskHubName: taskHub,
    connectionName: 'Storage',
    creationUrls: {
      createNewInstancePostUri: `${create}?code=${key}`,
      createAndWaitOnNewInstancePostUri: `${create}?timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}&code=${key}`,
    },
    managementUrls: managementUrls(endpoints, 'INSTANCEID'),
    baseUrl: `${origin}${webhookPath}`,
    requiredQueryStringParameters: `code=${key}`,
    queryString: query,
    rpcBaseUrl,
  });
}
