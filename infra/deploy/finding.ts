/** What a check of the account found. `error`: the deployment would fail or is useless. `warning`: it works, but not as wanted. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  /** What is the case, as a sentence. */
  readonly fact: string;
  /** What to do about it, as a sentence; absent if nothing is to be done. */
  readonly advice?: string;
}

/** The findings as text for a terminal, the errors last, where they are read. */
export function describeFindings(findings: readonly Finding[]): string {
  const rank = { ok: 0, warning: 1, error: 2 };
  return findings
    .toSorted((one, other) => rank[one.level] - rank[other.level])
    .map(({ level, fact, advice }) => `${level.padEnd(8)} ${fact}${advice === undefined ? '' : `\n         ${advice}`}`)
    .join('\n');
}
