/** One measured figure. Without a bar, `most` or `least`, it is shown for comparison and cannot fail. */
export interface Figure {
  group: string;
  name: string;
  value: number;
  unit: string;
  /** The most that it may be. */
  most?: number;
  /** The least that it may be. */
  least?: number;
  /** What the figure is made of, such as both sides of a ratio. */
  detail?: string;
}

/** Whether the figure is on the wrong side of a bar. A value that is no number misses every bar. */
export function misses({ value, most, least }: Figure): boolean {
  return (most !== undefined && !(value <= most)) || (least !== undefined && !(value >= least));
}

/** All figures as a table, grouped, for people to read. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    `${shown(figure.value)} ${figure.unit}`.trim(),
    barsOf(figure),
    barsOf(figure) === '' ? '' : misses(figure) ? 'MISSED' : 'ok',
    figure.detail ?? '',
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return [...Map.groupBy(figures, ({ group }) => group)]
    .map(([group, members]) => {
      const lines = members.map((figure) => {
        const row = rows[figures.indexOf(figure)] ?? [];
        return `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd();
      });
      return [`\n${group}`, ...lines].join('\n');
    })
    .join('\n');
}

function barsOf({ most, least }: Figure): string {
  const bars = [
    ...(least === undefined ? [] : [`≥ ${shown(least)}`]),
    ...(most === undefined ? [] : [`≤ ${shown(most)}`]),
  ];
  return bars.join(', ');
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

/** The middle of the values, which one slow run does not move. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * The value that this share of the values does not exceed, by nearest rank: `percentile(times, 0.99)` is p99. NaN when
 * there are none.
 */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
