import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, StartProblem } from './problem.ts';

/**
 * Opens a database file of the local stack. A commit is on disk when it returns.
 *
 * @throws StartProblem when the file is damaged
 */
export function openDatabase(file: string, schema: string): DatabaseSync {
  mkdirSync(dirname(file), { recursive: true });
  try {
    const database = new DatabaseSync(file, { timeout: 2000 });
    database.exec('pragma journal_mode = wal; pragma synchronous = full');
    database.exec(schema);
    return database;
  } catch (error) {
    throw new StartProblem(
      `The data folder is damaged: ${file} cannot be opened (${messageOf(error)}). Start with --fresh to begin anew.`,
    );
  }
}

/** Runs `work` in one transaction, which is rolled back when it throws. */
export function atomically<T>(database: DatabaseSync, work: () => T): T {
  database.exec('begin immediate');
  try {
    const result = work();
    database.exec('commit');
    return result;
  } catch (error) {
    database.exec('rollback');
    throw error;
  }
}
