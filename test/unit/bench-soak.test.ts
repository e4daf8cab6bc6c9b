import { describe, expect, it } from 'vitest';
import { growthOf, isFlat } from '../bench/load/flatness.ts';
import { type ClientRecord, changeOne, type Ledger } from '../bench/load/ledger.ts';
import { pacer } from '../bench/load/pace.ts';
import { seededRandom } from '../bench/load/random.ts';

describe('flat memory', () => {
  it('may be uneven, and may grow while it is warmed up', () => {
    const samples = Array.from({ length: 100 }, (_, index) => (index < 10 ? index * 50 : 500 + (index % 7) * 10));
    expect(growthOf(samples)).toBeCloseTo(0, 1);
    expect(isFlat(samples)).toBe(true);
  });

  it('may grow by a tenth from the first third to the last, and no more', () => {
    const grown = (last: number) => [...Array(10).fill(1000), ...Array(60).fill(1000), ...Array(30).fill(last)];
    expect(isFlat(grown(1100))).toBe(true);
    expect(isFlat(grown(1101))).toBe(false);
    expect(growthOf(grown(1500))).toBeCloseTo(0.5);
  });

  it('is not that of a leak, however slow', () => {
    expect(isFlat(Array.from({ length: 720 }, (_, index) => 600 + index / 4))).toBe(false);
  });

  it('is not claimed from too few samples', () => {
    expect(isFlat([500, 500])).toBe(false);
    expect(isFlat([])).toBe(false);
  });
});

describe('a client that is changed', () => {
  const client = (id: string): ClientRecord => ({
    id,
    word: id,
    version: 1,
    archived: false,
    contacts: [],
    busy: false,
  });

  it('is changed by one at a time, and free again after a failure', async () => {
    const ledger: Ledger = { clients: [client('a'), client('b')], documents: [], groups: [] };
    const first = Promise.withResolvers<void>();
    const taken: string[] = [];
    const take = (work: Promise<void>) =>
      changeOne(ledger, seededRandom(1), ({ id }) => {
        taken.push(id);
        return work;
      });
    const running = take(first.promise);
    await take(Promise.resolve());
    expect(new Set(taken).size).toBe(2);
    first.reject(new Error('refused'));
    await expect(running).rejects.toThrow('refused');
    expect(ledger.clients.map(({ busy }) => busy)).toEqual([false, false]);
  });
});

describe('pacer', () => {
  it('gives all connections together no more turns than the rate', async () => {
    const turn = pacer(200, () => true);
    const start = performance.now();
    await Promise.all(Array.from({ length: 20 }, turn));
    expect(performance.now() - start).toBeGreaterThanOrEqual(95);
  });

  it('tells when there is no further turn', async () => {
    expect(await pacer(1000, () => false)()).toBe(false);
  });
});
