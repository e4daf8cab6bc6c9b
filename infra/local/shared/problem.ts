/** A reason not to start that the user can act on; `main` prints it as one sentence. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}

/** The message of a thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
