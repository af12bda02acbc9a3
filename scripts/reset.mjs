// Removes the state of the local stack: everything that landed and what came of it. Installed packages stay.
import { rmSync } from 'node:fs';
import { join } from 'node:path';

rmSync(join(import.meta.dirname, '..', '.landfall'), { recursive: true, force: true });
console.log('The state of the local stack is gone (.landfall/).');
