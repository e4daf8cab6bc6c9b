import { beforeAll, describe, expect, it } from 'vitest';
import { fold } from '../../lib/shared/text.ts';
import { createClient, send, signUp, type TestCompany } from '../support/api/client.ts';
import { type Listed, listedInTime, walk } from '../support/api/pages.ts';
import { expectProblem } from '../support/api/problem.ts';

/** Sorts as people do: regardless of case and accents, shorter names first. */
const SORTED = [
  '3 Bears',
  'Åkesson',
  'anna',
  'Anna & Co',
  'Anna Berg',
  'Anna-Lena',
  'Annabel',
  'Émile',
  'Emilia',
  'Žižek',
  'ZZ Top',
  'Ωmega',
  '山田',
];

/** A text that sorts by the value of the numbers in it. */
const natural = (text: string) => fold(text).replace(/\d+/g, (digits) => digits.padStart(9, '0'));

const MANY = 130;

describe('listing many clients', () => {
  let company: TestCompany;
  let all: Listed[] = [];

  beforeAll(async () => {
    company = await signUp();
    const rest = Array.from({ length: MANY - SORTED.length }, (_, index) => `Client ${(index * 37) % 100}`);
    const names = [...SORTED.toReversed(), ...rest];
    const adders = Array.from({ length: 6 }, async () => {
      for (let name = names.pop(); name !== undefined; name = names.pop()) await createClient(company, { name });
    });
    await Promise.all(adders);
    all = await listedInTime(company.token, MANY);
  });

  const sizes = (pages: Listed[][]) => pages.map((page) => page.length);
  const byName = (a: Listed, b: Listed) =>
    Buffer.compare(Buffer.from(natural(a.displayName)), Buffer.from(natural(b.displayName)));
  const byCreation = (a: Listed, b: Listed) => (a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : 0);

  it.each([
    ['name', 50, byName],
    ['-name', 7, (a: Listed, b: Listed) => byName(b, a)],
    ['createdAt', 7, byCreation],
    ['-createdAt', 50, (a: Listed, b: Listed) => byCreation(b, a)],
  ])('the list sorted by %s has each client once, on full pages of %i', async (sort, limit, order) => {
    const pages = await walk(company.token, `sort=${sort}&limit=${limit}`);
    const found = pages.flat();
    expect(new Set(found.map(({ id }) => id))).toEqual(new Set(all.map(({ id }) => id)));
    expect(found).toHaveLength(MANY);
    expect(sizes(pages)).toEqual(
      [...Array(Math.floor(MANY / limit)).fill(limit), MANY % limit].filter((size) => size > 0),
    );
    for (const [index, client] of found.entries()) {
      const next = found[index + 1];
      if (next) expect(order(client, next), `${client.displayName} before ${next.displayName}`).toBeLessThanOrEqual(0);
    }
  });

  it('the list sorts names as people do', async () => {
    const found = (await walk(company.token, 'limit=200')).flat().map(({ displayName }) => displayName);
    expect(found.filter((name) => SORTED.includes(name))).toEqual(SORTED);
  });

  it('the page size may change from page to page', async () => {
    const first = await send('/v1/clients?limit=3', company);
    const second = await send(`/v1/clients?limit=4&cursor=${first.json.nextCursor}`, company);
    const whole = (await walk(company.token, 'limit=7')).flat();
    expect([...first.json.data, ...second.json.data]).toEqual(whole.slice(0, 7));
  });

  it('a cursor is accepted only with the parameters and the company that it was made for', async () => {
    const { json } = await send('/v1/clients?limit=2&sort=name', company);
    const cursor: string = json.nextCursor;
    const other = await signUp();
    const flipped = `${cursor.slice(0, 20)}${cursor[20] === 'A' ? 'B' : 'A'}${cursor.slice(21)}`;
    const bad = [
      `/v1/clients?limit=2&sort=-name&cursor=${cursor}`,
      `/v1/clients?limit=2&sort=name&status=active&cursor=${cursor}`,
      `/v1/clients?limit=2&sort=name&archived=any&cursor=${cursor}`,
      `/v1/clients?sort=name&cursor=${flipped}`,
      `/v1/clients?sort=name&cursor=${cursor.slice(0, -1)}`,
      `/v1/clients?sort=name&cursor=${cursor}A`,
      '/v1/clients?cursor=abc',
      `/v1/users?cursor=${cursor}`,
      `/v1/api-tokens?cursor=${cursor}`,
    ];
    for (const path of bad) expectProblem(await send(path, company), 'bad-cursor');
    expectProblem(await send(`/v1/clients?limit=2&sort=name&cursor=${cursor}`, other), 'bad-cursor');
    expect((await send(`/v1/clients?limit=2&sort=name&cursor=${cursor}`, company)).status).toBe(200);
    for (const { displayName } of json.data)
      expect(Buffer.from(cursor, 'base64url').toString()).not.toContain(displayName);
  });
});

describe('a list', () => {
  it('the list has the documented fields of a client', async () => {
    const company = await signUp();
    const client = await createClient(company, {
      name: 'N',
      idNumber: 'I',
      tags: ['t'],
      contacts: [{ firstName: 'A' }, { firstName: 'B', lastName: 'C', email: 'b@x.example', isPrimary: true }],
    });
    const [listed] = await listedInTime(company.token, 1);
    const {
      id,
      number,
      idNumber,
      displayName,
      status,
      archivedAt,
      groupId,
      pricingId,
      tags,
      createdAt,
      updatedAt,
      version,
    } = client;
    expect(listed).toEqual({
      ...{
        id,
        number,
        idNumber,
        displayName,
        status,
        archivedAt,
        groupId,
        pricingId,
        tags,
        createdAt,
        updatedAt,
        version,
      },
      primaryContact: { id: client.contacts[1].id, name: 'B C', email: 'b@x.example' },
      balances: [],
    });
  });

  it('the list leaves archived clients out unless asked for, and filters by status', async () => {
    const company = await signUp();
    const kinds = ['active', 'inactive', 'fraud', 'active', 'inactive', 'fraud'];
    for (const [index, status] of kinds.entries()) {
      const { id } = await createClient(company, { name: `${status} ${index}`, status });
      if (index >= 3) await send(`/v1/clients/${id}/archive`, { method: 'POST', token: company.token });
    }
    await listedInTime(company.token, 3, 'archived=true');
    await listedInTime(company.token, 1, 'status=fraud');
    await listedInTime(company.token, 2, 'status=fraud&archived=any');
    const names = async (query: string, limit = 2) =>
      (await walk(company.token, `limit=${limit}&${query}`)).flat().map(({ displayName }) => displayName);
    expect(await names('')).toEqual(['active 0', 'fraud 2', 'inactive 1']);
    expect(await names('archived=false')).toEqual(['active 0', 'fraud 2', 'inactive 1']);
    expect(await names('archived=true')).toEqual(['active 3', 'fraud 5', 'inactive 4']);
    const both = ['active 0', 'active 3', 'fraud 2', 'fraud 5', 'inactive 1', 'inactive 4'];
    for (const limit of [1, 2, 4, 6]) expect(await names('archived=any', limit)).toEqual(both);
    expect(await names('archived=any&sort=-name')).toEqual(both.toReversed());
    expect(await names('archived=any&sort=createdAt')).toEqual(kinds.map((kind, index) => `${kind} ${index}`));
    expect(await names('status=fraud')).toEqual(['fraud 2']);
    expect(await names('status=fraud&archived=any', 1)).toEqual(['fraud 2', 'fraud 5']);
  });

  it('a filter that few clients match answers them on full pages', async () => {
    const company = await signUp();
    for (let index = 0; index < 25; index++)
      await createClient(company, { name: `C ${index}`, status: index % 5 === 4 ? 'fraud' : 'active' });
    await listedInTime(company.token, 5, 'status=fraud');
    const pages = await walk(company.token, 'status=fraud&limit=2');
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
  });

  it('the list follows a change of the name', async () => {
    const company = await signUp();
    const { id } = await createClient(company, { name: 'Zebra' });
    await createClient(company, { name: 'Middle' });
    await send(`/v1/clients/${id}`, { method: 'PATCH', token: company.token, body: { name: 'Aardvark' } });
    const clients = await listedInTime(company.token, 2);
    expect(clients.map(({ displayName }) => displayName)).toEqual(['Aardvark', 'Middle']);
  });

  it('the list is empty for a company without clients', async () => {
    const company = await signUp();
    for (const query of ['', '?archived=any', '?archived=true&status=fraud&sort=-createdAt'])
      expect((await send(`/v1/clients${query}`, company)).json).toEqual({ data: [], nextCursor: null });
  });

  it('the list refuses all unknown parameters and invalid values at once', async () => {
    const company = await signUp();
    const query = 'limit=0&status=gone&archived=maybe&sort=colour&q2=x&cursor=';
    expectProblem(await send(`/v1/clients?${query}`, company), 'validation', [
      ...['?limit', '?status', '?archived', '?sort', '?q2', '?cursor'],
    ]);
    for (const limit of ['201', '-1', '1.5', 'ten', '', '1e9', ' ', 'Infinity'])
      expectProblem(await send(`/v1/clients?limit=${limit}`, company), 'validation', ['?limit']);
    for (const limit of ['1', '200']) expect((await send(`/v1/clients?limit=${limit}`, company)).status).toBe(200);
    expectProblem(await send('/v1/me?nope=1', company), 'validation', ['?nope']);
  });
});
