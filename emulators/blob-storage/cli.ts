import { createRequire } from 'node:module';
import { type LokiModule, makeDurable } from './durable-loki.ts';

// Azurite's own command line, over databases that survive a kill. Its arguments are Azurite's.
const azurite = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
makeDurable(createRequire(azurite)('lokijs') as LokiModule);
createRequire(azurite)(azurite);
