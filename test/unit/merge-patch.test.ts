import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { mergePatch, mergePatchOf } from '../../lib/shared/merge-patch.ts';

describe('merge patch (RFC 7396)', () => {
  // The examples of the RFC's appendix A.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result);
  });

  const json = fc.jsonValue({ maxDepth: 3 });

  it('is the same applied twice, and changes neither argument', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const before = structuredClone({ target, patch });
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect({ target, patch }).toEqual(before);
      }),
    );
  });

  it('never leaves a null of the patch behind', () => {
    const names = fc.constantFrom('a', 'b', 'c');
    const patches = fc.dictionary(names, fc.oneof(fc.constant(null), fc.integer()));
    fc.assert(
      fc.property(fc.dictionary(names, fc.integer()), patches, (target, patch) => {
        expect(Object.values(Object(mergePatch(target, patch)))).not.toContain(null);
      }),
    );
  });

  it('does not reach the prototype', () => {
    const merged = mergePatch({}, JSON.parse('{"__proto__": {"admin": true}}'));
    expect(Object(merged).admin).toBeUndefined();
    expect(Object({}).admin).toBeUndefined();
  });
});

describe('the schema of a merge patch', () => {
  const Whole = z.strictObject({
    name: z.string().min(1),
    address: z
      .strictObject({ city: z.string(), country: z.string().length(2) })
      .nullable()
      .default(null),
    notes: z.record(z.string(), z.string()).default({}),
    size: z.union([z.number(), z.strictObject({ of: z.string() })]).optional(),
  });
  const Patch = mergePatchOf(Whole);

  it.each([{}, { address: null }, { address: { city: 'Bonn' } }, { notes: { a: null } }, { size: null }])(
    'takes %j',
    (patch) => {
      expect(Patch.safeParse(patch).success).toBe(true);
    },
  );

  it.each([{ name: null }, { address: { city: null } }, { size: { of: null } }])(
    'refuses to clear what a value must have: %j',
    (patch) => {
      expect(Patch.safeParse(patch).success).toBe(false);
    },
  );

  it.each([{ nmae: 'x' }, { name: 1 }, { name: '' }, { address: { town: 'x' } }, { address: { country: 'DEU' } }, []])(
    'refuses %j',
    (patch) => {
      expect(Patch.safeParse(patch).success).toBe(false);
    },
  );

  it('fills nothing in', () => {
    expect(Patch.parse({ address: { city: 'Bonn' } })).toEqual({ address: { city: 'Bonn' } });
  });
});
