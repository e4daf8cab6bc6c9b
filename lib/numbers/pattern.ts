/** The values of a pattern's variables. `date` is the day in the company's time zone. */
export interface NumberParts {
  counter: number;
  date: { year: string; month: string; day: string };
  group: string;
  random: (length: number) => string;
}

type Piece =
  | { literal: string }
  | { variable: 'year' | 'group' }
  | { variable: 'counter' | 'random'; length: number }
  | { variable: 'date'; format: string };

export interface PatternFault {
  /** Index of the first wrong character. */
  position: number;
  detail: string;
}

/** Characters of the longest client number. */
export const MAX_NUMBER_LENGTH = 64;
/** `yyyy` is `yy` twice here. If it were a choice of its own, a wrong format of many `y` would be tried in all its divisions. */
const VARIABLE = /^(?:(year|group)|(counter|random)(?::([1-9]|1\d|20))?|date:((?:yy|MM|dd|[-_./])+))$/;
const DATE_PART = /yyyy|yy|MM|dd/g;
const DEFAULT_LENGTH = { counter: 1, random: 6 } as const;

/** The pieces of a pattern such as `{year}-{counter:4}`, or its first fault. */
function readPattern(pattern: string): Piece[] | PatternFault {
  const pieces: Piece[] = [];
  for (let at = 0; at < pattern.length; ) {
    if (pattern[at] === '}') return { position: at, detail: 'This } has no matching {.' };
    if (pattern[at] !== '{') {
      const end = /[{}]/.exec(pattern.slice(at))?.index ?? pattern.length - at;
      pieces.push({ literal: pattern.slice(at, at + end) });
      at += end;
      continue;
    }
    const end = pattern.indexOf('}', at);
    if (end < 0) return { position: at, detail: 'This { has no matching }.' };
    const piece = readVariable(pattern.slice(at + 1, end));
    if (!piece)
      return {
        position: at,
        detail:
          'Unknown variable. Use {year}, {counter:4}, {group}, {date:yyyyMM} or {random:6}, with lengths from 1 to 20.',
      };
    pieces.push(piece);
    at = end + 1;
  }
  return pieces;
}

function readVariable(inner: string): Piece | undefined {
  const [matched, plain, sized, length, format] = VARIABLE.exec(inner) ?? [];
  if (matched === undefined) return undefined;
  if (plain === 'year' || plain === 'group') return { variable: plain };
  if (sized === 'counter' || sized === 'random')
    return { variable: sized, length: length ? Number(length) : DEFAULT_LENGTH[sized] };
  return { variable: 'date', format: format ?? '' };
}

export type Reset = 'never' | 'yearly' | 'monthly';

/** The fault of a pattern with a reset; undefined if it has none. */
export function patternFault(pattern: string, reset: Reset): PatternFault | undefined {
  const pieces = readPattern(pattern);
  if (!Array.isArray(pieces)) return pieces;
  const has = (name: string) => pieces.some((piece) => 'variable' in piece && piece.variable === name);
  const hasDatePart = (mark: string) => pieces.some((piece) => 'format' in piece && piece.format.includes(mark));
  const end = { position: pattern.length };
  if (!has('counter') && !has('random'))
    return { ...end, detail: 'A pattern needs {counter} or {random}. Without them, every number would be the same.' };
  const year = has('year') || hasDatePart('yy');
  if (reset !== 'never' && !has('random') && !(year && (reset === 'yearly' || hasDatePart('MM'))))
    return {
      ...end,
      detail: `A counter that starts again ${reset} needs ${reset === 'yearly' ? 'the year' : 'year and month'} in the pattern.`,
    };
  const longest = writeNumber(pattern, {
    counter: 10 ** 9,
    date: { year: '2026', month: '12', day: '31' },
    group: 'G'.repeat(20),
    random: (length) => 'R'.repeat(length),
  });
  if ([...longest].length > MAX_NUMBER_LENGTH)
    return { ...end, detail: `Its numbers could be longer than ${MAX_NUMBER_LENGTH} characters.` };
  return undefined;
}

/** Whether the pattern contains the client's group. */
export function needsGroup(pattern: string): boolean {
  return pattern.includes('{group}');
}

/** Whether the pattern contains the counter, so that the next counter makes another number. */
export function needsCounter(pattern: string): boolean {
  return pattern.includes('{counter');
}

/** The number of a valid pattern. */
export function writeNumber(pattern: string, parts: NumberParts): string {
  const pieces = readPattern(pattern);
  if (!Array.isArray(pieces)) throw new Error(`a stored pattern is invalid at character ${pieces.position}`);
  return pieces.map((piece) => writePiece(piece, parts)).join('');
}

function writePiece(piece: Piece, { counter, date, group, random }: NumberParts): string {
  if ('literal' in piece) return piece.literal;
  switch (piece.variable) {
    case 'year':
      return date.year;
    case 'group':
      return group;
    case 'counter':
      return String(counter).padStart(piece.length, '0');
    case 'random':
      return random(piece.length);
    case 'date':
      return piece.format.replace(DATE_PART, (part) => writeDatePart(part, date));
  }
}

function writeDatePart(part: string, { year, month, day }: NumberParts['date']): string {
  if (part === 'MM') return month;
  if (part === 'dd') return day;
  return part === 'yy' ? year.slice(2) : year;
}

const dayFormats = new Map<string, Intl.DateTimeFormat>();

/** Making a format takes longer than all else that a creation computes. There are some 600 time zones. */
function dayFormat(timeZone: string): Intl.DateTimeFormat {
  const known = dayFormats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  dayFormats.set(timeZone, format);
  return format;
}

/** The calendar day of an instant in a time zone. */
export function dayIn(timezone: string, now: Date): NumberParts['date'] {
  const parts = dayFormat(timezone).formatToParts(now);
  const part = (type: string) => parts.find((formatPart) => formatPart.type === type)?.value ?? '';
  return { year: part('year'), month: part('month'), day: part('day') };
}

/** The calendar day of an instant in a time zone, as `YYYY-MM-DD`. */
export function isoDayIn(timezone: string, now: Date): string {
  const { year, month, day } = dayIn(timezone, now);
  return `${year}-${month}-${day}`;
}

/** A group's name in the form for numbers: `Key accounts` → `KEY-ACCOUNTS`, 20 characters at most. */
export function groupCode(name: string): string {
  const plain = name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase();
  const code = plain.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '');
  // Cut by characters, not by UTF-16 units: half of a character is no text.
  return [...code].slice(0, 20).join('') || 'GROUP';
}
