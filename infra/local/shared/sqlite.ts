import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageOf, StartProblem } from './problem.ts';

/**
 * Opens a database file of our own whose commits are on disk when they return.
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

/** Does what is given as one commit, or not at all. */
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
