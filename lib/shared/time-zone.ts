/** The first moment of a calendar date (`YYYY-MM-DD`) in an IANA time zone, in UTC. */
export function startOfDay(date: string, timeZone: string): string {
  return new Date(beginningAt(midnightOf(date), timeZone)).toISOString();
}

/** The last millisecond of a calendar date (`YYYY-MM-DD`) in an IANA time zone, in UTC. */
export function endOfDay(date: string, timeZone: string): string {
  return new Date(beginningAt(midnightOf(date) + DAY_MS, timeZone) - 1).toISOString();
}

const midnightOf = (date: string): number => Date.parse(`${date}T00:00:00Z`);

/** When the day begins in a time zone whose midnight in UTC is given. Both are epoch milliseconds. */
function beginningAt(midnight: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone, hourCycle: 'h23', era: 'short' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  // The offset on both sides of the day's beginning. They differ if clocks change in that night.
  const candidates = [-1, 0, 1].map((day) => midnight - offsetAt(format, midnight + day * DAY_MS));
  const inDay = candidates.filter((time) => time + offsetAt(format, time) >= midnight);
  return Math.min(...inDay);
}

const DAY_MS = 86_400_000;

/** How far local time is ahead of UTC at a time, in milliseconds. */
function offsetAt(format: Intl.DateTimeFormat, time: number): number {
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
  const local = new Date(0);
  local.setUTCFullYear(year, part('month') - 1, part('day'));
  local.setUTCHours(part('hour'), part('minute'), part('second'));
  return local.getTime() - Math.floor(time / 1000) * 1000;
}
