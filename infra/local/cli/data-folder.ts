import { randomBytes } from 'node:crypto';
import { chmodSync, linkSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readIfThere } from '../shared/files.ts';
import { asNumber, asObject, asString } from '../shared/json.ts';
import { messageOf, StartProblem } from '../shared/problem.ts';
import { identityOf } from '../shared/processes.ts';

export type DataFolder = {
  path: string;
  file(...names: string[]): string;
  release(): void;
};

/** The files of the local stack in a data folder; `--fresh` deletes only these. */
const own = [
  'table.db',
  'table.db-wal',
  'table.db-shm',
  'dynamodb-local',
  'engine.json',
  'mail.jsonl',
  'secrets.json',
  'events.db',
  'events.db-wal',
  'events.db-shm',
  'queues.db',
  'queues.db-wal',
  'queues.db-shm',
  'streams',
  'expiry.db',
  'expiry.db-wal',
  'expiry.db-shm',
  'logs',
  's3',
  'demo.json',
  'format.json',
];

/** Raised when what the stack keeps, or what the functions keep in the table, cannot be read by the next version. */
const format = '{ "clientele": "local data", "format": 5 }\n';

/**
 * Locks a data folder for this process, and creates it if needed. The lock ends with the process, also after a kill.
 *
 * @param fresh its data will be deleted, so that their format does not matter
 * @throws StartProblem when it is not a folder, cannot be written, is in use, has another format, or holds something else
 */
export function takeDataFolder(path: string, fresh = false): DataFolder {
  const folder = resolve(path);
  checkDataFolder(folder, fresh);
  const lock = join(folder, 'lock.json');
  takeLock(lock, folder);
  const file = (...names: string[]) => join(folder, ...names);
  writeFileSync(file('format.json'), format);
  return { path: folder, file, release: () => rmSync(lock, { force: true }) };
}

/** Empties a locked data folder, except for the lock and files of others. */
export function emptyDataFolder(folder: DataFolder): void {
  for (const name of own) rmSync(folder.file(name), { recursive: true, force: true });
  writeFileSync(folder.file('format.json'), format);
}

/**
 * Creates a data folder if needed, keeps other users of the machine out of it, and checks that it can be used.
 *
 * @throws StartProblem when it cannot
 */
export function checkDataFolder(path: string, fresh = false): void {
  const folder = resolve(path);
  try {
    mkdirSync(folder, { recursive: true });
    if (!statSync(folder).isDirectory()) throw new StartProblem(`The data folder ${folder} is not a folder.`);
    refuseForeignFolder(folder);
    // It holds personal data, secrets and mails with links that sign in.
    chmodSync(folder, 0o700);
    if (!fresh) refuseOtherFormat(folder);
    const probe = join(folder, `.probe-${process.pid}`);
    writeFileSync(probe, '');
    rmSync(probe);
  } catch (error) {
    if (error instanceof StartProblem) throw error;
    throw new StartProblem(`The data folder ${folder} cannot be used: ${messageOf(error)}.`);
  }
}

/** `--data ~` must not mix the stack's files with the user's own. */
function refuseForeignFolder(folder: string): void {
  if (readIfThere(join(folder, 'format.json'))?.startsWith('{ "clientele": "local data"')) return;
  const strangers = readdirSync(folder).filter(
    (name) => !own.includes(name) && name !== 'lock.json' && !name.startsWith('.probe-'),
  );
  if (strangers.length > 0)
    throw new StartProblem(`The data folder ${folder} holds other files (${strangers[0]}); choose an empty one.`);
}

function refuseOtherFormat(folder: string): void {
  const found = readIfThere(join(folder, 'format.json'));
  if (found !== undefined && found !== format)
    throw new StartProblem(
      `The data folder ${folder} is of another version of Clientele; start with --fresh to begin anew.`,
    );
}

function takeLock(lock: string, folder: string): void {
  const draft = `${lock}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) ?? '' }), {
    mode: 0o600,
  });
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      if (linked(draft, lock)) return;
      const owner = asObject(JSON.parse(readIfThere(lock) ?? '{}'));
      const pid = asNumber(owner.pid);
      // The process id may belong to another program by now, so its start time is compared too.
      const alive = pid !== undefined && identityOf(pid) === asString(owner.identity);
      if (alive)
        throw new StartProblem(`The data folder ${folder} is in use by another running instance (process ${pid}).`);
      rmSync(lock, { force: true });
    }
    throw new StartProblem(`The data folder ${folder} could not be locked.`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Creates the lock file unless it exists. A link, unlike a write, is atomic. */
function linked(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
