import { join } from 'node:path';
import { ROOT, run, setting } from './environment.ts';

// The function is there now: Event Grid may tell it of what lands.
run('az', [
  ...['deployment', 'group', 'create', '--name', 'event-subscription', '--output', 'none'],
  ...['--resource-group', setting('AZURE_RESOURCE_GROUP')],
  ...['--template-file', join(ROOT, 'infra', 'modules', 'event-subscription.bicep')],
  '--parameters',
  `systemTopicName=${setting('STORAGE_SYSTEM_TOPIC')}`,
  `storageAccountName=${setting('STORAGE_ACCOUNT_NAME')}`,
  `functionAppName=${setting('APP_NAME')}`,
]);

// The host makes its keys when they are first asked for; only then can the app's setting FUNCTION_KEY, which refers to
// one of them, be resolved. Azure would look again within a day: this makes it look now.
run('az', [
  ...['functionapp', 'keys', 'list', '--output', 'none'],
  ...['--resource-group', setting('AZURE_RESOURCE_GROUP'), '--name', setting('APP_NAME')],
]);
const site = `/subscriptions/{subscriptionId}/resourceGroups/${setting('AZURE_RESOURCE_GROUP')}/providers/Microsoft.Web/sites/${setting('APP_NAME')}`;
run('az', [
  ...['rest', '--method', 'post', '--output', 'none'],
  ...['--url', `${site}/config/configreferences/appsettings/refresh?api-version=2022-03-01`],
]);
