import { DatabaseSync } from 'node:sqlite';
import { StartProblem } from '../shared/problem.ts';

export type DynoxideFile = {
  trim(tableName: string, beforeSequenceNumber: string): boolean;
  close(): void;
};

/** The next sequence number comes from the highest one stored, so the last few records stay. */
const kept = 10;

/** Deletes in small portions, some milliseconds each: the engine waits while another connection holds the file. */
const portion = 250;

/**
 * Works around two limits of dynoxide in its file while it runs: without this index each write scans all stream records (1 400
 * writes per second become 250 after 20 000 records), and the engine never deletes a record.
 */
export function openDynoxideFile(file: string): DynoxideFile {
  const database = open(file);
  const trim = database.prepare(
    `delete from _stream_records where rowid in
       (select rowid from _stream_records where table_name = ? and CAST(sequence_number AS INTEGER) < ? limit ${portion})`,
  );
  return {
    trim(tableName, before) {
      try {
        const limit = BigInt(before) - BigInt(kept);
        return limit <= 0n || Number(trim.run(tableName, limit).changes) < portion;
      } catch {
        return false; // The engine was writing; the next call deletes them.
      }
    },
    close: () => database.close(),
  };
}

function open(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file, { timeout: 2000 });
    database.exec(
      'create index if not exists local_stream_sequence on _stream_records(table_name, CAST(sequence_number AS INTEGER))',
    );
    // From now on nothing may block the event loop: neither a busy file nor the disk. The engine moves the log into the file, and a
    // trimmed record that a power failure brings back does no harm.
    database.exec('pragma busy_timeout = 2; pragma synchronous = normal; pragma wal_autocheckpoint = 0');
    return database;
  } catch {
    throw new StartProblem('The database file in the data folder is damaged; start with --fresh to begin anew.');
  }
}
