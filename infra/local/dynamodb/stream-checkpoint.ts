import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import { asObject, asString } from '../shared/json.ts';
import { messageOf } from '../shared/problem.ts';

export type StreamCheckpoint = {
  /** The position in the file; undefined before the first record. */
  saved(): string | undefined;
  /** Moves the checkpoint. The file follows soon, and not with each of many moves. */
  move(position: string): void;
  /** Saves the last move. */
  close(): void;
};

const saveMillis = 200;

/**
 * Opens a checkpoint file. The file may be behind, so a crash repeats records, and never skips one.
 *
 * @param engineArn the stream; the position of another one, of a table that was created anew, means nothing
 */
export function openCheckpoint(file: string, engineArn: string, log: (line: string) => void): StreamCheckpoint {
  const found = asObject(readJsonIfThere(file));
  const isOther = found.stream !== undefined && found.stream !== engineArn;
  let saved = isOther ? undefined : asString(found.after);
  let position = saved;
  let timer: NodeJS.Timeout | undefined;

  function save(): void {
    clearTimeout(timer);
    timer = undefined;
    if (position === saved) return;
    try {
      writeAtomically(file, JSON.stringify({ stream: engineArn, after: position }), { durable: false });
      saved = position;
    } catch (error) {
      log(`The checkpoint ${file} could not be written: ${messageOf(error)}`);
    }
  }

  return {
    saved: () => saved,
    move(to) {
      position = to;
      timer ??= setTimeout(save, saveMillis);
    },
    close: save,
  };
}
