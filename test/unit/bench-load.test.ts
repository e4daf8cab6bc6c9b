import { describe, expect, it } from 'vitest';
import { misses } from '../bench/figures.ts';
import { drive, type Sample, worstPercentile } from '../bench/load/drive.ts';
import type { Measured } from '../bench/load/phases.ts';
import { pick, pickWeighted, randomWord, sample, seededRandom } from '../bench/load/random.ts';
import { operationFigures } from '../bench/load/report.ts';

describe('the random choices of a load', () => {
  it('are the same for the same seed, and others for another', () => {
    const words = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 20 }, () => randomWord(random));
    };
    expect(words(1)).toEqual(words(1));
    expect(new Set([...words(1), ...words(2)]).size).toBe(40);
    expect(words(1).every((word) => /^[a-z]{8}$/.test(word))).toBe(true);
  });

  it('reach every value, and need one', () => {
    const random = seededRandom(3);
    expect(new Set(Array.from({ length: 100 }, () => pick(['a', 'b', 'c'], random)))).toEqual(new Set(['a', 'b', 'c']));
    expect(() => pick([], random)).toThrow('nothing to pick');
  });

  it('take a sample without repetition, at most all', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index);
    const taken = sample(hundred, 30, seededRandom(4));
    expect(new Set(taken).size).toBe(30);
    expect(hundred).toEqual(expect.arrayContaining(taken));
    expect(sample([1, 2], 5, seededRandom(4)).sort()).toEqual([1, 2]);
    expect(sample([7], 1, seededRandom(4))).toEqual([7]);
  });

  it('take each kind of request as often as its weight says', () => {
    const weights = new Map([
      ['read', 3],
      ['list', 1],
      ['never', 0],
    ]);
    const random = seededRandom(5);
    const taken = Array.from({ length: 4000 }, () => pickWeighted(weights, random));
    const reads = taken.filter((name) => name === 'read').length;
    expect(reads).toBeGreaterThan(2850);
    expect(reads).toBeLessThan(3150);
    expect(taken).not.toContain('never');
  });
});

describe('drive', () => {
  it('does so many requests over the connections, each waiting for its own answer', async () => {
    let left = 10;
    let running = 0;
    let mostRunning = 0;
    const outcome = await drive(
      4,
      () => left-- > 0,
      async () => {
        mostRunning = Math.max(mostRunning, ++running);
        await Promise.resolve();
        running--;
      },
    );
    expect(outcome.samples).toHaveLength(10);
    expect(outcome.errors).toEqual([]);
    expect(mostRunning).toBe(4);
  });

  it('goes on after a failure, which is an error and no sample', async () => {
    let turn = 0;
    const outcome = await drive(
      1,
      () => turn++ < 3,
      async () => {
        if (turn === 2) throw new Error('refused');
      },
    );
    expect(outcome.samples).toHaveLength(2);
    expect(outcome.errors).toEqual(['refused']);
  });
});

describe('the worst percentile', () => {
  const at = (second: number, took: number): Sample => ({ at: second * 1000, took });

  it('is that of the worst window, which a mean over all would hide', () => {
    const calm = Array.from({ length: 1000 }, (_, index) => at(index % 60, 10));
    const stall = [at(25, 900), at(26, 900)];
    expect(worstPercentile([...calm, ...stall], 10_000, 0.99)).toBe(900);
    expect(worstPercentile(calm, 10_000, 0.99)).toBe(10);
  });

  it('of nothing is not a number', () => {
    expect(worstPercentile([], 10_000, 0.99)).toBeNaN();
  });
});

describe('the figures of an operation', () => {
  const measured: Measured = {
    samples: Array.from({ length: 200 }, (_, index) => ({ at: index, took: index < 197 ? 5 : 1500 })),
    seconds: 2,
    errors: [],
    cpu: { host: 400, engine: 100 },
    busy: { host: 400, engine: 100, load: 50 },
    peak: 500,
    lag: { found: 1, drained: Number.POSITIVE_INFINITY },
  };
  const operation = { name: 'create', request: async () => undefined, least: 130, writes: true };
  const figures = operationFigures(operation, measured, 1000);
  const value = (name: string) => figures.find((figure) => figure.name === name)?.value;

  it('count requests and CPU time per answered request', () => {
    expect(value('create')).toBe(100);
    expect(value('create, p50')).toBe(5);
    expect(value('create, p99')).toBe(1500);
    expect(value('create, CPU of the host')).toBe(2);
    expect(value('create, CPU of the engine')).toBe(0.5);
  });

  it('miss their bars when it is too slow, stalls, or the index never catches up', () => {
    expect(figures.filter(misses).map(({ name }) => name)).toEqual([
      'create',
      'create, p99',
      'create, streams drained after',
    ]);
  });

  it('miss a bar by a single error, and show it', () => {
    const [failed] = operationFigures(operation, { ...measured, errors: ['500', '500'] }, 1000).filter(({ name }) =>
      name.endsWith('errors'),
    );
    expect(failed).toMatchObject({ value: 2, most: 0, detail: '500' });
  });
});
