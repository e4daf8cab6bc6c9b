import { randomBytes } from 'node:crypto';
import type { ListRequest } from '../../lib/search/list-repository.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import { wordsOfQuery } from '../../lib/shared/words.ts';
import { committing } from '../../lib/table/transaction.ts';
import { type BenchTable, openBenchTable } from './bench-table.ts';
import { type Figure, median } from './figures.ts';
import { sampleClient } from './generate.ts';

const SMALL = 1_000;
const ROUNDS = 150;
const WARM_UP = 30;
const BAR = 1.25;

type Operation = () => Promise<unknown>;

/** Medians of each operation at `large` clients of one company ÷ those at a thousand, taken in turns. */
export async function growthFigures(assembly: string, endpoint: string, large: number): Promise<Figure[]> {
  const few = await operationsOn(await openBenchTable(assembly, endpoint, SMALL));
  const many = await operationsOn(await openBenchTable(assembly, endpoint, large));
  const figures: Figure[] = [];
  for (const [name, atFew] of few) {
    const atMany = many.get(name);
    if (!atMany) continue;
    const [before, after] = await inTurns(atFew, atMany);
    figures.push({
      group: `Growth: time at ${large} clients of one company, × time at ${SMALL} (medians of ${ROUNDS})`,
      name,
      value: after / before,
      unit: '×',
      most: BAR,
      detail: `${before.toFixed(2)} → ${after.toFixed(2)} ms`,
    });
  }
  return figures;
}

/** What is done with the clients of a table, each as often as it is called. */
async function operationsOn({ table, clients: service, lists, search: finder, indexer, principal }: BenchTable) {
  const company = principal.companyId;
  const { list } = lists;
  const { search } = finder;
  const words = Array.from({ length: 20 }, () => randomBytes(5).toString('hex'));
  const ids: ClientId[] = [];
  for (const word of words) {
    const { id } = await service.create(principal, sampleClient(word), committing(table));
    await indexer.update(company, id);
    ids.push(id);
  }
  const page = (sort: ListRequest['sort'], request: Partial<ListRequest> = {}) =>
    list(company, { sort, descending: false, filters: { archived: false }, limit: 50, after: undefined, ...request });
  const { next } = await page('name', { limit: 200 });
  const find = (q: string) =>
    search(company, { words: wordsOfQuery(q), filters: { archived: false }, limit: 50, after: undefined });
  let turn = 0;
  const one = <T>(all: readonly T[]): T => {
    const found = all[turn++ % all.length];
    if (found === undefined) throw new Error('there is none');
    return found;
  };
  return new Map<string, Operation>([
    ['profile', () => service.profile(principal, one(ids))],
    ['list page of 50 by name', () => page('name')],
    ['list page of 50 by name, from a cursor', () => page('name', { after: next })],
    ['list page of 50 by number', () => page('number')],
    ['list page of 50 by creation, newest first', () => page('createdAt', { descending: true })],
    ['list page of 50 by last change, newest first', () => page('updatedAt', { descending: true })],
    ['list page of 50 by balance', () => page('balance')],
    ['list page of 50 of a country', () => page('name', { filters: { archived: false, country: 'DE' } })],
    ['search for one client', () => find(one(words))],
    ['search page of 50 by a word that all have', () => find('client')],
    ['search by a common word and a rare one', () => find(`client ${one(words).slice(0, 5)}`)],
    ['create with one contact', () => service.create(principal, sampleClient(), committing(table))],
  ]);
}

/** Medians of two operations that take turns, in an order that changes, so that both meet the same noise. */
async function inTurns(first: Operation, second: Operation): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (const side of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const start = performance.now();
      await (side === 0 ? first() : second());
      if (round >= 0) times[side].push(performance.now() - start);
    }
  return [median(times[0]), median(times[1])];
}
