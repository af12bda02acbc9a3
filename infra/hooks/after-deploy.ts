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
