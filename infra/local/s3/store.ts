import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { asNumber, asObject, asString, type JsonObject, parseJson } from '../shared/json.ts';
import { atomically, openDatabase } from '../shared/sqlite.ts';

export type ObjectVersion = {
  bucket: string;
  key: string;
  versionId: string;
  /** The file of its content in the store's folder; empty for a delete marker. */
  file: string;
  /** Increases with every version of any object. */
  number: number;
  /** A delete marker has no content. */
  marker: boolean;
  size: number;
  etag: string;
  modified: Date;
  /** Response headers: content type, user metadata, checksum. */
  headers: Readonly<Record<string, string>>;
};

export type Draft = Pick<ObjectVersion, 'bucket' | 'key' | 'size' | 'etag' | 'headers'>;

/** The event about a change in JSON, stored in the change's own transaction; undefined for no event. */
export type Note = (version: ObjectVersion) => string | undefined;

export type ObjectStore = {
  /** The path of a new file for an upload; files left by a crash are deleted at the next start. */
  newUpload(): string;
  /**
   * Makes an uploaded file a version. It is durable when this resolves, and not visible before. `check` runs in the same
   * transaction and may throw to refuse it.
   */
  keep(file: string, draft: Draft, time: Date, check: () => void, note: Note): Promise<ObjectVersion>;
  addMarker(bucket: string, key: string, time: Date, note: Note): ObjectVersion;
  /** Deletes a version; undefined when it does not exist. */
  remove(bucket: string, key: string, versionId: string, note: Note): Promise<ObjectVersion | undefined>;
  /** The newest version, which may be a delete marker. */
  current(bucket: string, key: string): ObjectVersion | undefined;
  find(bucket: string, key: string, versionId: string): ObjectVersion | undefined;
  fileOf(version: ObjectVersion): string;
  /** Versions and delete markers by key, newest first, after a key or after a version of it. */
  listVersions(bucket: string, prefix: string, after: { key: string; number: number }, limit: number): ObjectVersion[];
  isNewest(version: ObjectVersion): boolean;
  /** Publishes the events that are not published yet; `publish` must have each on disk when it returns. */
  publishEvents(publish: (note: string) => void): void;
  close(): void;
};

const schema = `
  create table if not exists versions (
    number integer primary key autoincrement, bucket text not null, key text not null, version text not null,
    file text not null, marker integer not null, size integer not null, etag text not null, modified integer not null, headers text not null,
    unique (bucket, key, version));
  create table if not exists notes (number integer primary key autoincrement, note text not null)`;

/**
 * Keeps objects as files under hashed names and everything else about them in a database. A version exists when its row does;
 * the event about it is an outbox row of the same commit. Files without a row are deleted at the start.
 */
export function openObjectStore(folder: string): ObjectStore {
  const incoming = join(folder, 'incoming');
  rmSync(incoming, { recursive: true, force: true });
  mkdirSync(incoming, { recursive: true });
  const database = openDatabase(join(folder, 'objects.db'), schema);
  deleteOrphanFiles(database, folder);
  const statements = prepare(database);
  let published: number[] = [];

  /** Commits the row and its event together, and removes events that were published since. */
  function commit(work: () => ObjectVersion | undefined, note: Note): ObjectVersion | undefined {
    const done = published;
    return atomically(database, () => {
      const version = work();
      const text = version && note(version);
      if (text !== undefined) statements.addNote.run(text);
      for (const number of done) statements.removeNote.run(number);
      published = published.filter((number) => !done.includes(number));
      return version;
    });
  }

  function add(version: Omit<ObjectVersion, 'number'>): ObjectVersion {
    const { bucket, key, versionId, file, marker, size, etag, modified, headers } = version;
    const { lastInsertRowid } = statements.add.run(
      bucket,
      key,
      versionId,
      file,
      marker ? 1 : 0,
      size,
      etag,
      modified.getTime(),
      JSON.stringify(headers),
    );
    return { ...version, number: Number(lastInsertRowid) };
  }

  const fileOf = ({ file }: ObjectVersion) => join(folder, file);

  return {
    fileOf,
    newUpload: () => join(incoming, randomUUID()),
    async keep(upload, draft, time, check, note) {
      const file = newFileName(draft.bucket, draft.key);
      const versionId = newVersionId();
      await putInPlace(upload, join(folder, file));
      try {
        const kept = commit(() => {
          check();
          return add({ ...draft, versionId, file, marker: false, modified: time });
        }, note);
        if (kept === undefined) throw new Error('A version was not kept.');
        return kept;
      } catch (error) {
        await rm(join(folder, file), { force: true });
        throw error;
      }
    },
    addMarker(bucket, key, time, note) {
      const nothing = { file: '', marker: true, size: 0, etag: '', headers: {} };
      const marker = commit(() => add({ bucket, key, versionId: newVersionId(), modified: time, ...nothing }), note);
      if (marker === undefined) throw new Error('A delete marker was not kept.');
      return marker;
    },
    async remove(bucket, key, versionId, note) {
      const removed = commit(() => {
        const version = toVersion(statements.find.get(bucket, key, versionId));
        statements.remove.run(bucket, key, versionId);
        return version;
      }, note);
      if (removed !== undefined && !removed.marker) await rm(fileOf(removed), { force: true });
      return removed;
    },
    current: (bucket, key) => toVersion(statements.current.get(bucket, key)),
    find: (bucket, key, versionId) => toVersion(statements.find.get(bucket, key, versionId)),
    isNewest: ({ bucket, key, number }) => toVersion(statements.current.get(bucket, key))?.number === number,
    listVersions: (bucket, prefix, { key, number }, limit) =>
      statements.listVersions
        .all(bucket, key, key, number, prefix, prefix, limit)
        .map((row) => versionOf(asObject(row))),
    publishEvents(publish) {
      for (const row of statements.notes.all().map(asObject)) {
        const number = asNumber(row.number) ?? 0;
        if (published.includes(number)) continue;
        publish(asString(row.note) ?? '{}');
        published.push(number);
      }
    },
    close: () => database.close(),
  };
}

function prepare(database: DatabaseSync) {
  // A range of keys, so that SQLite reads only these from the index.
  const underPrefix = 'key >= ? and key <= ? || char(1114111)';
  return {
    add: database.prepare(
      'insert into versions (bucket, key, version, file, marker, size, etag, modified, headers) values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    remove: database.prepare('delete from versions where bucket = ? and key = ? and version = ?'),
    find: database.prepare('select * from versions where bucket = ? and key = ? and version = ?'),
    current: database.prepare('select * from versions where bucket = ? and key = ? order by number desc limit 1'),
    listVersions: database.prepare(
      `select * from versions where bucket = ? and (key > ? or (key = ? and number < ?)) and ${underPrefix}
       order by key, number desc limit ?`,
    ),
    notes: database.prepare('select number, note from notes order by number'),
    addNote: database.prepare('insert into notes (note) values (?)'),
    removeNote: database.prepare('delete from notes where number = ?'),
  };
}

function toVersion(row: unknown): ObjectVersion | undefined {
  return row === undefined ? undefined : versionOf(asObject(row));
}

function versionOf(row: JsonObject): ObjectVersion {
  const headers = asObject(parseJson(asString(row.headers) ?? '{}'));
  return {
    bucket: asString(row.bucket) ?? '',
    key: asString(row.key) ?? '',
    versionId: asString(row.version) ?? '',
    file: asString(row.file) ?? '',
    number: asNumber(row.number) ?? 0,
    marker: row.marker === 1,
    size: asNumber(row.size) ?? 0,
    etag: asString(row.etag) ?? '',
    modified: new Date(asNumber(row.modified) ?? 0),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, asString(value) ?? ''])),
  };
}

/** A hash, because a key such as `../x` must not choose the path of its file. */
function newFileName(bucket: string, key: string): string {
  const hash = createHash('sha256').update([bucket, randomUUID(), key].join('/')).digest('hex');
  return join('objects', hash.slice(0, 2), hash);
}

function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}

/** Moves a complete file to its place durably. */
async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  const folder = await open(dirname(to), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Deletes files that belong to no version: a crash interrupted their upload or their deletion. */
function deleteOrphanFiles(database: DatabaseSync, folder: string): void {
  const rows = database.prepare('select file from versions where marker = 0').all();
  const known = new Set(rows.map((row) => asString(asObject(row).file)));
  mkdirSync(join(folder, 'objects'), { recursive: true });
  const files = readdirSync(join(folder, 'objects'), { recursive: true, withFileTypes: true });
  for (const file of files.filter((one) => one.isFile())) {
    const name = join('objects', file.name.slice(0, 2), file.name);
    if (!known.has(name)) rmSync(join(folder, name), { force: true });
  }
}
