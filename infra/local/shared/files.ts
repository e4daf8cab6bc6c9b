import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Json } from './json.ts';
import { StartProblem } from './problem.ts';

/** Replaces a file atomically: a reader, also after a crash, sees either the old or the new content. */
export function writeAtomically(file: string, content: string, { durable }: { durable: boolean }): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = openSync(temporary, 'w', 0o600);
  try {
    writeSync(handle, content);
    if (durable) fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(temporary, file);
}

/** Appends one line and waits until it is on disk. */
export function appendDurably(file: string, line: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'a', 0o600);
  try {
    writeSync(handle, `${line}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The content of a file, or undefined if the file does not exist. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Reads a JSON file of the data folder, or undefined if it does not exist. @throws StartProblem when it is damaged */
export function readJsonIfThere(file: string): Json | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new StartProblem(`The data folder is damaged: ${file} is not JSON. Start with --fresh to begin anew.`);
  }
}

/**
 * Reads a file of one JSON value per line. A last line cut off by a crash was never acknowledged: it is removed, so that
 * the next line does not continue it.
 */
export function readJsonLines(file: string): Json[] {
  const text = readIfThere(file) ?? '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) writeAtomically(file, whole, { durable: true });
  const lines = whole.split('\n').filter((line) => line !== '');
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as Json;
    } catch {
      throw new StartProblem(
        `The data folder is damaged: line ${index + 1} of ${file} is not JSON. Start with --fresh to begin anew.`,
      );
    }
  });
}
