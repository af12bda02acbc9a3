// Loaded before the host by `node --import`: its database may have so many pages, as if the disk had no room for more.
import { DatabaseSync } from 'node:sqlite';

const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  exec.call(this, sql);
  if (sql.includes('journal_mode')) {
    exec.call(this, `PRAGMA max_page_count = ${process.env.MAX_PAGES}`);
  }
};
