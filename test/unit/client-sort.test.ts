import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientId, CompanyId } from '../../lib/shared/ids.ts';
import { clientIndexKeys, timesBetween } from '../../lib/table/keys.ts';

const company = CompanyId.parse('co_01JD8X3V5QZ7M2K4N6P8R0S1TA');
const id = ClientId.parse('cli_01JD8X3V5QZ7M2K4N6P8R0S1TA');
const AT = '2026-01-31T09:30:00.000Z';

const keysOf = (fields: {
  displayName?: string;
  number?: string;
  createdAt?: string;
  balances?: { balance: number }[];
}) =>
  clientIndexKeys(company, {
    ...{ id, displayName: 'x', number: '1', createdAt: AT, updatedAt: AT, archivedAt: null, balances: [] },
    ...fields,
  });

const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('index keys', () => {
  it('sort balances by their value, over all that an integer can be', () => {
    const amount = fc.maxSafeInteger();
    fc.assert(
      fc.property(amount, amount, (one, other) => {
        const key = (balance: number) => keysOf({ balances: [{ balance }] }).balanceOrder;
        expect(bytes(key(one), key(other))).toBe(Math.sign(one - other));
      }),
    );
    expect(keysOf({ balances: [{ balance: 3 }, { balance: -9 }] })).toEqual(keysOf({ balances: [{ balance: -9 }] }));
  });

  it('sort numbers by the value of their digits', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(5), (one, other, zeros) => {
        const key = (value: number) => keysOf({ number: `C${'0'.repeat(zeros)}${value}-x` }).numberOrder;
        expect(bytes(key(one), key(other))).toBe(Math.sign(one - other));
      }),
    );
  });

  it('index keys stay below the size limit of an index, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }), (text) => {
        const { nameOrder, numberOrder } = keysOf({ displayName: text, number: text });
        for (const key of [nameOrder, numberOrder]) {
          expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
          expect(key.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it('time bounds are exclusive', () => {
    const times = [1, 2, 3, 4].map((hour) => `2026-01-31T0${hour}:00:00.000Z`);
    const [first, second, , fourth] = times;
    const inside = (after?: string, before?: string) => {
      const between = timesBetween(after, before);
      const key = (createdAt: string) => keysOf({ createdAt }).creationOrder;
      return times.filter((time) => between && key(time) >= between.from && key(time) <= between.to);
    };
    expect(inside(first, fourth)).toEqual(times.slice(1, 3));
    expect(inside(second)).toEqual(times.slice(2));
    expect(inside(undefined, second)).toEqual(times.slice(0, 1));
    expect(inside()).toEqual(times);
    expect(inside(second, second)).toEqual([]);
    expect(timesBetween(fourth, first)).toBeUndefined();
  });
});
