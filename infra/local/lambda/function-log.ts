import { appendFileSync, openSync, writeSync } from 'node:fs';

/** Appends to a function's log. A log that cannot be written must not take the function down. */
export function appendToLog(file: string, text: string): void {
  try {
    appendFileSync(file, text);
  } catch {
    // There is no better place to report it to.
  }
}

/**
 * Sends everything that this thread prints to a function's log, in one write for all that a turn of the event loop prints. By
 * default a worker passes each line to the main thread, which then works for every function.
 */
export function logOutput(file: string): void {
  const descriptor = openSync(file, 'a');
  let pending = '';
  const flush = () => {
    const text = pending;
    pending = '';
    try {
      if (text !== '') writeSync(descriptor, text);
    } catch {
      // A full disk must not take the function down.
    }
  };
  const write = (chunk: Uint8Array | string) => {
    if (pending === '') setImmediate(flush);
    pending += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  process.on('exit', flush);
  process.stdout.write = write;
  process.stderr.write = write;
}
