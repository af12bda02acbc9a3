import { type Dirent, type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { findEntryFiles, readAppPackage } from '../core/app-loader.ts';

export interface AppWatcherOptions {
  readonly appFolder: string;
  /** Whose files are the host's own. */
  readonly dataFolder: string;
  /** How long nothing may change before a build counts as done. */
  readonly settledMs: number;
  /** Called once a build is done that has changed the app. */
  readonly onBuilt: () => void;
}

const settings = ['host.json', 'local.settings.json', 'package.json'];
const loaded = /\.(c|m)?js$|\.json$|\.node$|\.wasm$/;

/**
 * Watches what an app is made of: its settings, and all that JavaScript can load below the first folder of `main`, or
 * anywhere when that names none. TypeScript, maps, `node_modules` and folders whose name starts with a dot do not count.
 */
export class AppWatcher {
  readonly #options: AppWatcherOptions;
  #watchers: FSWatcher[] = [];
  #settling: NodeJS.Timeout | undefined;
  #seen: string;

  constructor(options: AppWatcherOptions) {
    this.#options = options;
    this.#seen = this.#look();
  }

  /** Takes the app as it is now for what is running. */
  reset(): void {
    this.#seen = this.#look();
  }

  close(): void {
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers) {
      watcher.close();
    }
    this.#watchers = [];
  }

  #changed(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      const now = this.#look();
      // A build that has emptied its folder is not done.
      if (now !== this.#seen && hasEntryFiles(this.#options.appFolder)) {
        this.#seen = now;
        this.#options.onBuilt();
      }
    }, this.#options.settledMs);
  }

  /**
   * The files with their sizes and times, as a text. Each folder is watched before it is read, and anew: one that was
   * removed and made again is another one under the same name.
   */
  #look(): string {
    this.close();
    const { appFolder } = this.#options;
    const files: string[] = [];
    const first = firstFolder(appFolder);
    const isOutside = (folder: string) => folder === appFolder && first !== undefined;
    const visit = (folder: string, into: (entry: Dirent) => boolean) => {
      this.#watch(folder);
      for (const entry of entries(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (path !== this.#options.dataFolder && into(entry)) {
            visit(path, isOfTheApp);
          }
        } else if (settings.includes(entry.name) || (loaded.test(entry.name) && !isOutside(folder))) {
          const stat = statSync(path, { throwIfNoEntry: false });
          files.push(`${path} ${stat?.size} ${stat?.mtimeMs}`);
        }
      }
    };
    visit(appFolder, (entry) => isOfTheApp(entry) && (first === undefined || entry.name === first));
    return files.sort().join('\n');
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, () => this.#changed());
      watcher.on('error', () => this.#changed()); // The folder is gone.
      this.#watchers.push(watcher);
    } catch {
      this.#changed(); // It went away in between.
    }
  }
}

const isOfTheApp = ({ name }: Dirent) => name !== 'node_modules' && !name.startsWith('.');

function entries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // It went away in between.
  }
}

/** The folder in the app folder that all entry files lie below, such as `dist`; undefined when they lie anywhere. */
function firstFolder(appFolder: string): string | undefined {
  try {
    const [first, ...rest] = readAppPackage(appFolder).main.replace(/^\.\//, '').split(/[/\\]/);
    return first !== undefined && rest.length > 0 && !/[*?{[(]/.test(first) ? first : undefined;
  } catch {
    return undefined;
  }
}

function hasEntryFiles(appFolder: string): boolean {
  try {
    return findEntryFiles(appFolder, readAppPackage(appFolder)).length > 0;
  } catch {
    return true; // What is wrong with package.json, the host itself says best.
  }
}
