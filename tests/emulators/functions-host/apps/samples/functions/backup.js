import { copyFile, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import * as df from 'durable-functions';

// Fan-out and fan-in: as many copies as there are files, and the sum of their sizes.
df.app.orchestration('backup', function* (context) {
  const { from, to } = context.df.getInput() ?? {};
  if (!from) {
    throw new Error('a folder to back up is required');
  }
  const files = yield context.df.callActivity('listFiles', from);
  const copies = files.map((file) =>
    context.df.callActivity('backUpFile', { file, copy: join(to, relative(from, file)) }),
  );
  const sizes = yield context.df.Task.all(copies);
  return sizes.reduce((total, size) => total + size, 0);
});

df.app.activity('listFiles', {
  handler: async (folder) => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  },
});

df.app.activity('backUpFile', {
  handler: async ({ file, copy }) => {
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(file, copy);
    return (await stat(copy)).size;
  },
});
