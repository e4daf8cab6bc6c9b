import type { DatabaseSync } from 'node:sqlite';
import { asObject, asString, type JsonObject, parseJson } from '../shared/json.ts';
import { atomically, openDatabase } from '../shared/sqlite.ts';
import { isBefore, type StreamRecord } from './stream-reader.ts';

/** An item with a time to live, as it was last seen. */
export type Expiry = {
  key: JsonObject;
  /** The number in the TTL attribute. */
  value: string;
  /** The record that it was seen in; empty if in no record. */
  sequenceNumber: string;
};

/** What became of a deletion. `unknown` if its answer was lost. */
export type DeletionResult = { expiry: Expiry; result: 'deleted' | 'refused' | 'unknown' };

/** The items of one table that expire, by their time, and the deletions that were made because of it. */
export type ExpiryIndex = {
  /** The last record that was applied. */
  position(): string | undefined;
  /** Applies stream records. The position is stored in the same transaction. Records that were applied before are ignored. */
  apply(records: readonly StreamRecord[]): void;
  /** Whether all items that are older than the index were added, and if not, after which key the scan continues. */
  scanned(): boolean;
  scanContinuesAfter(): JsonObject | undefined;
  /** Adds items of a scan, unless the stream has said something newer. Without a next key the scan is done. */
  addScanned(items: readonly JsonObject[], next: JsonObject | undefined): void;
  /** Items whose time had come, oldest first. @param now epoch milliseconds */
  due(now: number, limit: number): Expiry[];
  /** Notes that these items are about to be deleted. Only then may they be. */
  intend(expiries: readonly Expiry[]): void;
  settle(results: readonly DeletionResult[]): void;
  /** Drops deletions that left no record. To be called when all records were applied, and none is under way. */
  forgetUnrecorded(): void;
  isServiceDeletion(sequenceNumber: string): boolean;
  /** Forgets the deletions that are recorded up to this position, when no consumer will read them again. */
  forget(upTo: string): void;
};

export type ExpiryIndexes = {
  ofTable(table: ExpiringTable): ExpiryIndex;
  close(): void;
};

export type ExpiringTable = { name: string; timeToLiveAttribute: string; engineArn: string };

/** DynamoDB does not delete items that expired longer ago. */
const oldestMillis = 5 * 365.25 * 24 * 60 * 60 * 1000;

/** Opens the file of all indexes. What it holds of a table of that name which was created anew is deleted. */
export function openExpiryIndexes(file: string): ExpiryIndexes {
  const database = openDatabase(file, schema);
  // Survives the end of the process. After a power failure the stream is read again from the position.
  database.exec('pragma synchronous = normal');
  return {
    ofTable(table) {
      const begin = database.prepare('insert into tables (name, arn) values (?, ?) on conflict do nothing');
      const known = database.prepare('select arn from tables where name = ?').get(table.name);
      atomically(database, () => {
        if (known !== undefined && known.arn !== table.engineArn)
          for (const from of ['tables where name', 'expiries where table_name', 'deletions where table_name'])
            database.prepare(`delete from ${from} = ?`).run(table.name);
        begin.run(table.name, table.engineArn);
      });
      return indexOf(database, table);
    },
    close: () => database.close(),
  };
}

function indexOf(database: DatabaseSync, { name, timeToLiveAttribute }: ExpiringTable): ExpiryIndex {
  const sql = (text: string) => database.prepare(text);
  const table = sql('select position, scan_after, scanned from tables where name = ?');
  const moveTo = sql('update tables set position = ? where name = ?');
  const scannedTo = sql('update tables set scan_after = ?, scanned = ? where name = ?');
  const put = sql(
    `insert into expiries (table_name, key, value, time, sequence) values (?1, ?2, ?3, ?4, ?5)
     on conflict do update set value = ?3, time = ?4, sequence = ?5`,
  );
  const add = sql(
    `insert into expiries (table_name, key, value, time, sequence) values (?1, ?2, ?3, ?4, '') on conflict do nothing`,
  );
  const remove = sql('delete from expiries where table_name = ? and key = ?');
  const removeIfSame = sql('delete from expiries where table_name = ? and key = ? and sequence = ?');
  const due = sql(
    'select key, value, sequence from expiries where table_name = ? and time > ? and time <= ? order by time limit ?',
  );
  const intend = sql(`insert into deletions (table_name, key, value, state) values (?, ?, ?, 'under way')`);
  const settled = sql(
    `update deletions set state = ? where table_name = ? and key = ? and value = ? and state = 'under way'`,
  );
  const refused = sql(`delete from deletions where table_name = ? and key = ? and value = ? and state = 'under way'`);
  const record = sql(
    `update deletions set state = 'recorded', sequence = ?1 where id =
       (select min(id) from deletions where table_name = ?2 and key = ?3 and value = ?4 and state in ('deleted', 'unknown'))`,
  );
  const isRecorded = sql('select 1 from deletions where table_name = ? and sequence = ?');
  const forgetUnrecorded = sql(`delete from deletions where table_name = ? and state in ('deleted', 'unknown')`);
  const forget = sql('delete from deletions where table_name = ? and sequence <= ?');

  function position(): string | undefined {
    const stored = table.get(name)?.position;
    return typeof stored === 'string' ? stored : undefined;
  }

  function applyOne({ record: { dynamodb, eventName }, sequenceNumber }: StreamRecord): void {
    const { Keys, NewImage, OldImage } = asObject(dynamodb);
    const value = timeToLive(NewImage);
    const before = timeToLive(OldImage);
    if (value === undefined && before === undefined) return;
    const key = keyText(asObject(Keys));
    if (value === undefined) remove.run(name, key);
    else put.run(name, key, value, Number(value) * 1000, sequenceNumber);
    if (eventName === 'REMOVE' && before !== undefined) record.run(sortable(sequenceNumber), name, key, before);
  }

  /** The number in the TTL attribute of an image. DynamoDB ignores other types. */
  function timeToLive(image: unknown): string | undefined {
    return asString(asObject(asObject(image)[timeToLiveAttribute]).N);
  }

  return {
    position,
    apply(records) {
      const applied = position();
      const fresh = records.filter(({ sequenceNumber }) => isBefore(applied, sequenceNumber));
      const last = fresh.at(-1);
      if (last === undefined) return;
      atomically(database, () => {
        for (const one of fresh) applyOne(one);
        moveTo.run(last.sequenceNumber, name);
      });
    },
    scanned: () => table.get(name)?.scanned === 1,
    scanContinuesAfter() {
      const after = table.get(name)?.scan_after;
      return typeof after === 'string' ? asObject(parseJson(after)) : undefined;
    },
    addScanned(items, next) {
      atomically(database, () => {
        for (const { [timeToLiveAttribute]: attribute, ...key } of items) {
          const value = asString(asObject(attribute).N);
          if (value !== undefined) add.run(name, keyText(key), value, Number(value) * 1000);
        }
        scannedTo.run(next === undefined ? null : JSON.stringify(next), next === undefined ? 1 : 0, name);
      });
    },
    due: (now, limit) =>
      due.all(name, now - oldestMillis, now, limit).map((row) => ({
        key: asObject(parseJson(String(row.key))),
        value: String(row.value),
        sequenceNumber: String(row.sequence),
      })),
    intend(expiries) {
      atomically(database, () => {
        for (const { key, value } of expiries) intend.run(name, keyText(key), value);
      });
    },
    settle(results) {
      atomically(database, () => {
        for (const { expiry, result } of results) {
          const key = keyText(expiry.key);
          if (result === 'refused') refused.run(name, key, expiry.value);
          else settled.run(result, name, key, expiry.value);
          // A record that was applied meanwhile knows better.
          if (result !== 'unknown') removeIfSame.run(name, key, expiry.sequenceNumber);
        }
      });
    },
    forgetUnrecorded: () => void forgetUnrecorded.run(name),
    isServiceDeletion: (sequenceNumber) => isRecorded.get(name, sortable(sequenceNumber)) !== undefined,
    forget: (upTo) => void forget.run(name, sortable(upTo)),
  };
}

/** The key of an item as text, whatever the order of its attributes. */
function keyText(key: JsonObject): string {
  return JSON.stringify(Object.fromEntries(Object.entries(key).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Sequence numbers have at most 40 digits, too many for an integer of SQLite. */
function sortable(sequenceNumber: string): string {
  return sequenceNumber.padStart(40, '0');
}

const schema = `
  create table if not exists tables (
    name text primary key, arn text not null, position text, scan_after text, scanned integer not null default 0
  );
  create table if not exists expiries (
    table_name text not null, key text not null, value text not null, time real not null, sequence text not null,
    primary key (table_name, key)
  );
  create index if not exists by_time on expiries (table_name, time);
  create table if not exists deletions (
    id integer primary key, table_name text not null, key text not null, value text not null, state text not null, sequence text
  );
  create index if not exists by_item on deletions (table_name, key);
  create index if not exists by_sequence on deletions (table_name, sequence);
  -- The process ended before it had the answers.
  update deletions set state = 'unknown' where state = 'under way';
`;
