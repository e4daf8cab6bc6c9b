import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changesBetween, withinBounds } from '../../lib/activity/diff.ts';
import { ActivityId, idOfChange } from '../../lib/shared/ids.ts';

const between = (before: Record<string, unknown> | undefined, after: Record<string, unknown> | undefined) =>
  changesBetween(before, after, ['secret', 'vault']);

describe('the changes between two states', () => {
  it('changes are listed by field, with a path into objects', () => {
    const before = { name: 'A', address: { city: 'Rome', line1: '1' }, tags: ['x'], phones: [{ number: '1' }] };
    const after = { name: 'B', address: { city: 'Oslo', line1: '1' }, tags: ['x', 'y'], phones: [] };
    expect(between(before, after)).toEqual([
      { field: 'name', from: 'A', to: 'B' },
      { field: 'address.city', from: 'Rome', to: 'Oslo' },
      { field: 'tags', from: ['x'], to: ['x', 'y'] },
      { field: 'phones.0.number', from: '1', to: null },
    ]);
  });

  it('there is no change if only empty values differ', () => {
    expect(between({ a: null, b: [], c: {} }, { a: undefined, b: null })).toEqual([]);
    expect(between({ note: '' }, { note: 'x' })).toEqual([{ field: 'note', from: '', to: 'x' }]);
  });

  it('a created or deleted record has its fields as changes', () => {
    const record = { name: 'A', note: '', exempt: false, count: 0 };
    const had = [
      { field: 'name', value: 'A' },
      { field: 'exempt', value: false },
      { field: 'count', value: 0 },
    ];
    expect(between(undefined, record)).toEqual(had.map(({ field, value }) => ({ field, from: null, to: value })));
    expect(between(record, undefined)).toEqual(had.map(({ field, value }) => ({ field, from: value, to: null })));
  });

  it('the change of a private field has its name only', () => {
    const before = { secret: 'old', vault: { key: 'k', other: 'o' } };
    const after = { secret: 'new', vault: { key: 'l', other: 'o' }, secretary: 'Sue' };
    expect(between(before, after)).toEqual([
      { field: 'secret', from: null, to: null, redacted: true },
      { field: 'vault.key', from: null, to: null, redacted: true },
      { field: 'secretary', from: null, to: 'Sue' },
    ]);
  });

  it('long values are cut between characters', () => {
    const face = '\u{1f600}';
    const [text, list] = between(
      {},
      { text: `${'x'.repeat(199)}${face.repeat(9)}`, list: Array.from({ length: 30 }, (_, index) => index) },
    );
    expect(text?.to).toBe(`${'x'.repeat(199)}…`);
    expect(list?.to).toEqual([...Array(20).keys(), '…']);
  });

  it('each leaf that differs is listed once', () => {
    const json = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.integer(), fc.string({ maxLength: 5 })));
    fc.assert(
      fc.property(json, json, (before, after) => {
        const differing = [...new Set([...Object.keys(after), ...Object.keys(before)])].filter(
          (name) => before[name] !== after[name],
        );
        expect(between(before, after).map(({ field }) => field)).toEqual(differing);
      }),
    );
  });
});

it('an entry has as many changes as fit, and the number of the others', () => {
  const changes = Array.from({ length: 300 }, (_, index) => ({ field: `f${index}`, from: null, to: 'é'.repeat(200) }));
  const bounded = withinBounds(changes, 6_000);
  expect(bounded.changes).toEqual(changes.slice(0, bounded.changes.length));
  expect(bounded.changes.length + bounded.moreChanges).toBe(300);
  expect(Buffer.byteLength(JSON.stringify(bounded.changes))).toBeLessThan(6100);
  expect(withinBounds(changes.slice(0, 3), 6_000)).toEqual({ changes: changes.slice(0, 3), moreChanges: 0 });
});

it('ids of the changes of a record sort by time, then by version', () => {
  const id = (at: number, version: number) => idOfChange(ActivityId, 'act', new Date(at), version, 'cli_x');
  const inOrder = [id(5, 1), id(5, 2), id(5, 31), id(5, 32), id(5, 1025), id(6, 1)];
  expect(inOrder.toSorted()).toEqual(inOrder);
  expect(id(5, 1)).toBe(id(5, 1));
});
