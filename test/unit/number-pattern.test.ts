import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayIn, groupCode, patternFault, writeNumber } from '../../lib/numbers/pattern.ts';
import { Numbering, periodOf } from '../../lib/numbers/schema.ts';

const parts = {
  counter: 7,
  date: { year: '2026', month: '03', day: '04' },
  group: 'GENERAL',
  random: (length: number) => 'X'.repeat(length),
};

describe('number patterns', () => {
  it.each([
    ['{counter:4}', '0007'],
    ['{counter}', '7'],
    ['{year}-{counter:4}', '2026-0007'],
    ['C{counter:5}', 'C00007'],
    ['{group}-{counter:4}', 'GENERAL-0007'],
    ['{date:yyyyMM}{counter:3}', '202603007'],
    ['{date:dd.MM.yy}/{counter}', '04.03.26/7'],
    ['{date:yyyy-yyyy/yy}{counter}', '2026-2026/267'],
    ['{random:6}', 'XXXXXX'],
    ['K-{random}', 'K-XXXXXX'],
  ])('%s gives %s', (pattern, number) => {
    expect(patternFault(pattern, 'never')).toBeUndefined();
    expect(writeNumber(pattern, parts)).toBe(number);
  });

  it('grows beyond its padding', () => {
    expect(writeNumber('{counter:2}', { ...parts, counter: 12345 })).toBe('12345');
  });

  it.each([
    ['{counter', 0],
    ['C}{counter}', 1],
    ['{counter:0}', 0],
    ['{counter:21}', 0],
    ['A{month}{counter}', 1],
    ['{date:mm}{counter}', 0],
    ['{date:}{counter}', 0],
    ['{{counter}}', 0],
  ])('refuses %s at %i', (pattern, position) => {
    expect(patternFault(pattern, 'never')).toMatchObject({ position });
  });

  it.each(['ABC', '{year}', '{group}'])('refuses %s, whose numbers would all be the same', (pattern) => {
    expect(patternFault(pattern, 'never')?.detail).toContain('{counter} or {random}');
  });

  it('refuses a reset that would give the same numbers again', () => {
    expect(patternFault('{counter:4}', 'yearly')?.detail).toContain('the year');
    expect(patternFault('{year}-{counter}', 'monthly')?.detail).toContain('year and month');
    expect(patternFault('{date:yyyyMM}-{counter}', 'monthly')).toBeUndefined();
    expect(patternFault('{date:yy}-{counter}', 'yearly')).toBeUndefined();
  });

  it.each(['A\u0000', 'A\nB', 'A\u2028B', '\u202e1', 'A\u200b', 'A\u00ad', '\ud800'])(
    'refuses %j, which is no visible line of text',
    (literal) => {
      const result = Numbering.safeParse({ pattern: `${literal}{counter}`, next: 1, reset: 'never' });
      expect(result.error?.issues.map(({ path }) => path)).toEqual([['pattern']]);
    },
  );

  it('gives different numbers for different counters, whatever valid pattern', () => {
    const piece = fc.constantFrom('{year}', '{group}', '{date:yyMMdd}', '-', 'C', '/');
    const patterns = fc
      .tuple(fc.array(piece, { maxLength: 3 }), fc.integer({ min: 1, max: 9 }), fc.array(piece, { maxLength: 3 }))
      .map(([before, length, after]) => `${before.join('')}{counter:${length}}${after.join('')}`);
    const counter = fc.integer({ min: 1, max: 10 ** 8 });
    fc.assert(
      fc.property(patterns, counter, counter, (pattern, a, b) => {
        fc.pre(a !== b && patternFault(pattern, 'never') === undefined);
        expect(writeNumber(pattern, { ...parts, counter: a })).not.toBe(writeNumber(pattern, { ...parts, counter: b }));
      }),
    );
  });

  it('a text is either accepted or has an error, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (pattern) => {
        if (patternFault(pattern, 'never') === undefined) expect(writeNumber(pattern, parts).length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('what numbers are made of', () => {
  it('the day is the one in the time zone', () => {
    const instant = new Date('2025-12-31T23:30:00Z');
    expect(dayIn('UTC', instant)).toEqual({ year: '2025', month: '12', day: '31' });
    expect(dayIn('Europe/Berlin', instant)).toEqual({ year: '2026', month: '01', day: '01' });
    expect(dayIn('America/New_York', instant).day).toBe('31');
  });

  it('the period says when a counter starts again', () => {
    const date = { year: '2026', month: '03' };
    expect([periodOf('never', date), periodOf('yearly', date), periodOf('monthly', date)]).toEqual([
      '-',
      '2026',
      '2026-03',
    ]);
  });

  it.each([
    ['General', 'GENERAL'],
    ['Key accounts & co.', 'KEY-ACCOUNTS-CO'],
    ['Négoce', 'NEGOCE'],
    ['***', 'GROUP'],
    // Characters of two UTF-16 units are not cut in half.
    ['a𠀀'.repeat(20), 'A𠀀'.repeat(10)],
  ])('the group %s is written as %s', (name, code) => {
    expect(groupCode(name)).toBe(code);
  });
});
