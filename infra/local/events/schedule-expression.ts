import { StartProblem } from '../shared/problem.ts';

export type ScheduleExpression =
  | { kind: 'rate'; text: string; everyMillis: number }
  | { kind: 'at'; text: string; zone: string; local: string }
  | { kind: 'cron'; text: string; zone: string; fields: CronFields };

type CronFields = { minute: Test; hour: Test; day: Test; month: Test; weekday: Test; year: Test };
type Test = (value: number, daysInMonth: number) => boolean;

const unitMillis: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Reads an EventBridge schedule expression: `rate(…)`, `cron(…)` or `at(…)`. */
export function parseSchedule(text: string, zone: string): ScheduleExpression {
  const [, kind, argument = ''] = /^(rate|cron|at)\((.*)\)$/.exec(text.trim()) ?? [];
  if (kind === 'rate') {
    const [amount, unit = ''] = argument.split(' ');
    const millis = unitMillis[unit.replace(/s$/, '')];
    if (millis !== undefined && Number(amount) > 0) return { kind, text, everyMillis: Number(amount) * millis };
  }
  if (kind === 'at' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(argument)) return { kind, text, zone, local: argument };
  if (kind === 'cron') return { kind, text, zone, fields: parseCron(text, argument) };
  throw new StartProblem(`The schedule ${text} is not one the local stack can read.`);
}

/** Whether a cron or at expression fires in the minute that begins at the instant. A rate is counted, not looked up. */
export function firesAt(expression: ScheduleExpression, instant: Date): boolean {
  if (expression.kind === 'rate') return false;
  const wall = wallClock(instant, expression.zone);
  const pad = (value: number) => String(value).padStart(2, '0');
  if (expression.kind === 'at') {
    const minute = `${wall.year}-${pad(wall.month)}-${pad(wall.day)}T${pad(wall.hour)}:${pad(wall.minute)}`;
    return expression.local.startsWith(minute);
  }
  const days = new Date(Date.UTC(wall.year, wall.month, 0)).getUTCDate();
  const { minute, hour, day, month, weekday, year } = expression.fields;
  return (
    minute(wall.minute, days) &&
    hour(wall.hour, days) &&
    day(wall.day, days) &&
    month(wall.month, days) &&
    weekday(wall.weekday, days) &&
    year(wall.year, days)
  );
}

const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

function parseCron(text: string, argument: string): CronFields {
  const fields = argument.trim().split(/\s+/);
  const [minute, hour, day, month, weekday, year] = fields;
  if (fields.length !== 6 || !minute || !hour || !day || !month || !weekday || !year) {
    throw new StartProblem(`The schedule ${text} must have six fields.`);
  }
  const test = (field: string, from: number, to: number, names: string[] = [], namesFrom = 0) =>
    cronField(text, field, from, to, names, namesFrom);
  return {
    minute: test(minute, 0, 59),
    hour: test(hour, 0, 23),
    day: day === 'L' ? (value, daysInMonth) => value === daysInMonth : test(day, 1, 31),
    month: test(month, 1, 12, months, 1),
    weekday: test(weekday === 'L' ? '7' : weekday, 1, 7, weekdays, 1),
    year: test(year, 1970, 2199),
  };
}

function cronField(text: string, field: string, from: number, to: number, names: string[], namesFrom: number): Test {
  if (field === '*' || field === '?') return () => true;
  const allowed = new Set<number>();
  const read = (part: string): number => {
    const named = names.indexOf(part.toUpperCase());
    const value = named >= 0 ? named + namesFrom : Number(part);
    if (Number.isInteger(value) && value >= from && value <= to) return value;
    throw new StartProblem(`The schedule ${text} has a field that the local stack cannot read: ${field}.`);
  };
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [first = '', last] = range === '*' ? [String(from), String(to)] : range.split('-');
    const start = read(first);
    const end = last !== undefined ? read(last) : step !== undefined ? to : start;
    for (let value = start; value <= end; value += step === undefined ? 1 : Math.max(1, Number(step)))
      allowed.add(value);
  }
  return (value) => allowed.has(value);
}

type WallClock = { year: number; month: number; day: number; hour: number; minute: number; weekday: number };

function wallClock(instant: Date, zone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    weekday: 'short',
  });
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, value]));
  return {
    year: Number(parts.year),
    month: Number(parts.month),
    day: Number(parts.day),
    hour: Number(parts.hour),
    minute: Number(parts.minute),
    weekday: weekdays.indexOf((parts.weekday ?? '').toUpperCase()) + 1,
  };
}
