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

const loaded = /\.(c|m)?js$|\.json$|\.node$|\.wasm$/;

/**
 * Watches what an app is made of: its JSON files, and all that JavaScript can load below the folder of its entry files.
 * TypeScript, maps, `node_modules` and folders whose name starts with a dot do not count.
 */
export class AppWatcher {
  readonly #options: AppWatcherOptions;
  readonly #watchers = new Map<string, FSWatcher>();
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
    for (const watcher of this.#watchers.values()) {
      watcher.close();
    }
    this.#watchers.clear();
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

  /** The files with their sizes and times, as a text; folders that have come since are watched, too. */
  #look(): string {
    const { appFolder } = this.#options;
    const files: string[] = [];
    const folders = new Set<string>();
    const first = firstFolder(appFolder);
    const visit = (folder: string, into: (entry: Dirent) => boolean) => {
      folders.add(folder);
      this.#watch(folder);
      for (const entry of entries(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (path !== this.#options.dataFolder && into(entry)) {
            visit(path, isOfTheApp);
          }
        } else if (loaded.test(entry.name)) {
          const stat = statSync(path, { throwIfNoEntry: false });
          files.push(`${path} ${stat?.size} ${stat?.mtimeMs}`);
        }
      }
    };
    visit(appFolder, (entry) => isOfTheApp(entry) && (first === undefined || entry.name === first));
    for (const [folder, watcher] of this.#watchers) {
      if (!folders.has(folder)) {
        watcher.close();
        this.#watchers.delete(folder);
      }
    }
    return files.sort().join('\n');
  }

  #watch(folder: string): void {
    if (this.#watchers.has(folder)) {
      return;
    }
    try {
      const watcher = watch(folder, () => this.#changed());
      watcher.on('error', () => {
        // The folder is gone; the next look forgets it, and its parent tells when it comes again.
        this.#watchers.delete(folder);
        this.#changed();
      });
      this.#watchers.set(folder, watcher);
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
