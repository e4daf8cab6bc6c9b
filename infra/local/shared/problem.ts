/** A reason not to start that the person at the keyboard can act on; `main` prints it as one sentence. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
