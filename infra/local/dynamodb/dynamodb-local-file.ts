import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, StartProblem } from '../shared/problem.ts';
import { atomically } from '../shared/sqlite.ts';

/** The engine remembers the idempotency token of a transaction for ten minutes, but never deletes it. */
const tokenMillis = 10 * 60_000;

/**
 * The database file of DynamoDB Local, to be changed only while the engine does not run: it fails requests when another process
 * holds the file.
 *
 * Its functions throw a StartProblem if the file is damaged.
 */
export function dynamoDbLocalFile(path: string) {
  const read = new Map<string, string>();

  function change(work: (database: DatabaseSync) => void): void {
    if (!existsSync(path)) return;
    const database = new DatabaseSync(path, { timeout: 2000 });
    try {
      // An engine that was killed in its first moments has left no tables.
      const isNew = database.prepare("select 1 from sqlite_master where name = 'tr'").get() === undefined;
      if (!isNew) atomically(database, () => work(database));
    } catch (error) {
      throw new StartProblem(
        `The database file in the data folder is damaged (${messageOf(error)}); start with --fresh to begin anew.`,
      );
    } finally {
      database.close();
    }
  }

  return {
    /** The engine hides stream records that are older than a day, also from a consumer that was off meanwhile. */
    renewStreamRecords(): void {
      change((database) => {
        database.prepare('update us set CreationDateTime = ?').run(Date.now());
      });
    },

    /** Notes up to which record all consumers have read. */
    noteRead(tableName: string, sequenceNumber: string): void {
      read.set(tableName, sequenceNumber);
    },

    /** Deletes what nobody needs any more: the engine deletes no stream record. The last one stays, because the next number follows it. */
    trim(): void {
      change((database) => {
        const records = database.prepare(
          'delete from us where SequenceNumber < ? and StreamID in (select StreamID from sm where TableName = ?)',
        );
        for (const [tableName, before] of read) records.run(BigInt(before), tableName);
        database.prepare('delete from tr where CreationDateTime < ?').run(Date.now() - tokenMillis);
      });
    },
  };
}
