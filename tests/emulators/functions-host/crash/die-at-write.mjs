// Loaded before the host by `node --import`: kills the process before or after its n-th write to the database.
import { appendFileSync } from 'node:fs';
import { DatabaseSync, StatementSync } from 'node:sqlite';

const [wanted, phase] = (process.env.DIE_AT_WRITE ?? '0 before').split(' ');
let writes = 0;

function around(write) {
  writes++;
  const isIt = writes === Number(wanted);
  if (isIt && phase === 'before') {
    die();
  }
  const result = write();
  if (isIt && phase === 'after') {
    die();
  }
  return result;
}

function die() {
  appendFileSync(process.env.DEATHS_FILE, `${wanted} ${phase}\n`);
  process.kill(process.pid, 'SIGKILL');
}

const connections = new WeakMap();
const { exec, prepare } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  // What only begins a transaction, or sets how this process works, changes nothing on disk.
  const isWrite = /COMMIT|CREATE/.test(sql);
  return isWrite ? around(() => exec.call(this, sql)) : exec.call(this, sql);
};
DatabaseSync.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql);
  connections.set(statement, this);
  return statement;
};
const { run } = StatementSync.prototype;
StatementSync.prototype.run = function (...values) {
  const isWithin = connections.get(this)?.isTransaction === true;
  return isWithin ? run.apply(this, values) : around(() => run.apply(this, values));
};
