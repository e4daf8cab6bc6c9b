import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Route } from '../../lib/http/contract.ts';
import { send } from '../support/api/client.ts';
import { type FullCompany, fullCompany } from '../support/api/full-company.ts';
import { expectProblem } from '../support/api/problem.ts';
import { isList, namesRecord, pathOf, routes } from '../support/api/routes.ts';

/** Values of filters. A list's own schema chooses those that it has. */
const OTHER_FILTERS = [
  'sort=-name',
  'q=ada',
  'status=active',
  'status=pending',
  'visibility=internal',
  'category=mail',
  'actor=user',
  'currency=EUR',
];
const MORE_FILTERS = ['outcome=success', 'kind=service', 'archived=any', 'country=GB', 'type=person', 'tag=a'];

const lists = routes.filter(({ route }) => isList(route)).map(({ id, route }) => [id, route] as const);

/** Queries that the list accepts, and for which its cursor was not made. */
function otherQueries({ query }: Route): string[] {
  const shape = query?.shape ?? {};
  const varied = [...OTHER_FILTERS, ...MORE_FILTERS].filter((filter) => {
    const [name = '', value] = filter.split('=');
    return name in shape && query?.safeParse({ [name]: value }).success;
  });
  const filters = Object.keys(shape).filter((name) => !['limit', 'cursor', 'groupId'].includes(name));
  if (filters.length > 0 && varied.length === 0)
    throw new Error(`Add a value for one of the filters ${filters.join()} to OTHER_FILTERS in this file.`);
  return varied;
}

describe.skipIf(!inject('inboxIsOpen'))('the cursor of a list (only if the inbox can be read)', () => {
  let mine: FullCompany;
  let theirs: FullCompany;
  beforeAll(async () => {
    [mine, theirs] = await Promise.all([fullCompany(), fullCompany()]);
  });

  const ask = (path: string, token: string, cursor: string, query = '') =>
    send(`${path}?limit=1&cursor=${encodeURIComponent(cursor)}${query && `&${query}`}`, { token });

  async function cursorOf(id: string, path: string, token: string): Promise<string> {
    const { status, json, text } = await send(`${path}?limit=1`, { token });
    expect(status, text).toBe(200);
    if (typeof json.nextCursor !== 'string')
      throw new Error(`${id} has no second page: give its list two entries in test/support/api/full-company.ts.`);
    return json.nextCursor;
  }

  it.each(lists)('of %s is accepted from its own caller, for its own list and query only', async (id, route) => {
    if (route.access === 'portal') throw new Error('Give fullCompany a signed-in contact for the lists of the portal.');
    const path = pathOf(route, mine.ids);
    const { token } = mine.company;
    const cursor = await cursorOf(id, path, token);
    expect((await ask(path, token, cursor)).status).toBe(200);

    expectProblem(await ask(path, mine.colleague.token, cursor), 'bad-cursor');
    expectProblem(await ask(pathOf(route, theirs.ids), theirs.company.token, cursor), 'bad-cursor');
    for (const query of otherQueries(route)) expectProblem(await ask(path, token, cursor, query), 'bad-cursor');
    if (pathOf(route, mine.idsOfOther) !== path)
      expectProblem(await ask(pathOf(route, mine.idsOfOther), token, cursor), 'bad-cursor');
    for (const [otherId, other] of lists)
      if (otherId !== id) expectProblem(await ask(pathOf(other, mine.ids), token, cursor), 'bad-cursor');
  });

  it.each(lists)('of %s is refused if one character is altered', async (id, route) => {
    const path = pathOf(route, mine.ids);
    const { token } = mine.company;
    const cursor = await cursorOf(id, path, token);
    const places = [0, 8, 20, Math.floor(cursor.length / 2), cursor.length - 2, cursor.length - 1];
    for (const place of places) {
      const altered = cursor.slice(0, place) + (cursor[place] === 'A' ? 'B' : 'A') + cursor.slice(place + 1);
      expectProblem(await ask(path, token, altered), 'bad-cursor');
    }
    for (const altered of [cursor.slice(0, -1), `${cursor}A`, `A${cursor}`, cursor.toLowerCase(), `${cursor}=`])
      expectProblem(await ask(path, token, altered), 'bad-cursor');
  });

  it('there are lists of records and of the company, and those of records are asked for records', () => {
    expect(lists.length).toBeGreaterThan(10);
    expect(lists.some(([, route]) => namesRecord(route))).toBe(true);
  });
});
