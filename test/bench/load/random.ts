const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** A number of at least 0 and less than 1, as `Math.random` gives it. */
export type Random = () => number;

/** Numbers that are the same in each run, so that two runs do the same (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of the values. @throws Error if there are none */
export function pick<T>(values: readonly T[], random: Random): T {
  const picked = values[Math.floor(random() * values.length)];
  if (picked === undefined) throw new Error('there is nothing to pick from');
  return picked;
}

/** So many different values, all of them if there are not more. */
export function sample<T>(values: readonly T[], size: number, random: Random): T[] {
  const rest = [...values];
  return Array.from({ length: Math.min(size, values.length) }, () =>
    rest.splice(Math.floor(random() * rest.length), 1),
  ).flat();
}

/** A word of eight letters that no other client has and that sorts anywhere. */
export function randomWord(random: Random): string {
  return Array.from({ length: 8 }, () => pick(LETTERS, random)).join('');
}

/** One of the names, each as often as its weight says. @throws Error if there are none */
export function pickWeighted<Name extends string>(weights: ReadonlyMap<Name, number>, random: Random): Name {
  let left = random() * [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  for (const [name, weight] of weights) {
    left -= weight;
    if (left < 0) return name;
  }
  throw new Error('there is nothing to pick from');
}
