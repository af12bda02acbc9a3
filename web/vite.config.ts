import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** The web app is served under this path by the Function app (src/functions/web.ts), with the files of dist/web. */
const BASE = '/app/';
const PUBLIC = join(import.meta.dirname, 'public');

export default defineConfig({
  root: import.meta.dirname,
  base: BASE,
  publicDir: PUBLIC,
  build: {
    outDir: join(import.meta.dirname, '..', 'dist', 'web'),
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    rollupOptions: {
      input: {
        index: join(import.meta.dirname, 'index.html'),
        'service-worker': join(import.meta.dirname, 'src', 'service-worker.ts'),
      },
      output: {
        // Its address must stay the same; browsers look for a new one themselves.
        entryFileNames: ({ name }) => (name === 'service-worker' ? 'service-worker.js' : 'assets/[name]-[hash].js'),
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  plugins: [precacheList()],
});

/** Tells the service worker which files make the app, and a version that changes whenever one of them does. */
function precacheList(): Plugin {
  return {
    name: 'precache-list',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const worker = bundle['service-worker.js'];
      if (worker?.type !== 'chunk') this.error('The service worker is missing from the build.');
      const hash = createHash('sha256');
      const built = Object.values(bundle).filter(({ fileName }) => fileName !== 'service-worker.js');
      for (const file of built) hash.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source);
      const copied = readdirSync(PUBLIC);
      for (const name of copied) hash.update(readFileSync(join(PUBLIC, name)));
      const paths = [...built.map(({ fileName }) => fileName), ...copied].filter((name) => name !== 'index.html');
      const list = JSON.stringify([BASE, ...paths.sort().map((path) => BASE + path)]);
      worker.code = worker.code
        .replaceAll('__PRECACHE_PATHS__', list)
        .replaceAll('__PRECACHE_VERSION__', JSON.stringify(hash.digest('hex').slice(0, 12)));
    },
  };
}
