import { join } from 'node:path';
import { ROOT } from './environment.ts';
import { STAGED, stageApp } from './stage-app.ts';

stageApp(ROOT, join(ROOT, STAGED));
