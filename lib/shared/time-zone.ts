/** The first moment of a calendar date (`YYYY-MM-DD`) in an IANA time zone, in UTC. */
export function startOfDay(date: string, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en', {
    ...{ timeZone, hourCycle: 'h23', era: 'short' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  });
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // The offset on both sides of the day's beginning. They differ if clocks change in that night.
  const candidates = [-1, 0, 1].map((day) => midnight - offsetAt(format, midnight + day * DAY_MS));
  const inDay = candidates.filter((time) => time + offsetAt(format, time) >= midnight);
  return new Date(Math.min(...inDay)).toISOString();
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
