/** Capacity units of an operation. */
export interface Units {
  readonly reads: number;
  readonly writes: number;
}

/**
 * Reads the table of access patterns in `lib/table/README.md`. It has one number for reads and writes together, so all
 * units of an operation that writes count as writes, which cost five times as much.
 */
export function readAccessPatterns(text: string): ReadonlyMap<string, Units> {
  const rows = text.matchAll(/^\| `(\w+)`[^|]*\| ([^|]*) \| ([\d.]+) \|$/gm);
  return new Map(
    [...rows].map(([, name = '', calls = '', figure]) => {
      const units = Number(figure);
      const isWrite = /Put|Update|Delete|Write/.test(calls);
      return [name, isWrite ? { reads: 0, writes: units } : { reads: units, writes: 0 }];
    }),
  );
}
