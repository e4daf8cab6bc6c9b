import { describe, expect, it } from 'vitest';
import { type Figure, median, misses, percentile, tableOf } from '../bench/figures.ts';

const figure = (more: Partial<Figure>): Figure => ({ group: 'Load', name: 'read', value: 600, unit: '/s', ...more });

describe('a bar of a figure', () => {
  it('is met by the bar itself, and missed on its wrong side', () => {
    expect(misses(figure({ value: 600, least: 600 }))).toBe(false);
    expect(misses(figure({ value: 599.9, least: 600 }))).toBe(true);
    expect(misses(figure({ value: 5, most: 5 }))).toBe(false);
    expect(misses(figure({ value: 5.1, most: 5 }))).toBe(true);
  });

  it('is missed by a value that could not be measured', () => {
    expect(misses(figure({ value: Number.NaN, least: 600 }))).toBe(true);
    expect(misses(figure({ value: Number.NaN, most: 5 }))).toBe(true);
    expect(misses(figure({ value: Number.POSITIVE_INFINITY, most: 5 }))).toBe(true);
  });

  it('is not missed where there is none', () => {
    expect(misses(figure({ value: Number.NaN }))).toBe(false);
  });

  it('stands in the table with its side and the verdict', () => {
    const lines = tableOf([
      figure({ name: 'read', value: 700, least: 600 }),
      figure({ name: 'list', value: 100, least: 250, detail: '800 requests' }),
      figure({ name: 'p99', value: 12.5, most: 1000, unit: 'ms' }),
      figure({ name: 'p50', value: 3, unit: 'ms' }),
    ]).split('\n');
    expect(lines.map((line) => line.split(/ {2,}/).filter(Boolean))).toEqual([
      [],
      ['Load'],
      ['read', '700 /s', '≥ 600', 'ok'],
      ['list', '100 /s', '≥ 250', 'MISSED', '800 requests'],
      ['p99', '12.50 ms', '≤ 1000', 'ok'],
      ['p50', '3 ms'],
    ]);
  });
});

describe('percentile', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

  it('is a value that the share of the values does not exceed', () => {
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 1)).toBe(100);
    expect(percentile([7], 0.99)).toBe(7);
  });

  it('sorts by value and leaves its input as it is', () => {
    const values = [10, 9, 1];
    expect(percentile(values, 1)).toBe(10);
    expect(values).toEqual([10, 9, 1]);
  });

  it('of nothing is not a number', () => {
    expect(percentile([], 0.99)).toBeNaN();
  });
});

it('the median of an even number of values lies between the middle two', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([3, 1, 2])).toBe(2);
});
