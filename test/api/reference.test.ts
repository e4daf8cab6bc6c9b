import { describe, expect, it } from 'vitest';
import { problems } from '../../lib/shared/errors.ts';
import { faultCodes } from '../../lib/shared/faults.ts';
import { createClient, send, signUp } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

const listed = async (list: string) => {
  const { status, json } = await send(`/v1/reference/${list}`);
  expect(status).toBe(200);
  return json;
};
const entry = async (list: string, code: string) =>
  (await listed(list)).data.find((one: { code: string }) => one.code === code);

describe('the reference lists', () => {
  it('countries have names in four languages', async () => {
    expect(await entry('countries', 'DE')).toEqual({
      code: 'DE',
      names: { en: 'Germany', fr: 'Allemagne', de: 'Deutschland', es: 'Alemania' },
      hasSubdivisions: false,
    });
    expect(await entry('countries', 'US')).toMatchObject({ hasSubdivisions: true });
  });

  it('subdivisions are those of one country, and are what an address accepts without a warning', async () => {
    expect(await entry('subdivisions?country=US', 'CA')).toEqual({ code: 'CA', name: 'California' });
    expect((await listed('subdivisions?country=DE')).data).toEqual([]);
    const { code, name } = await entry('subdivisions?country=CA', 'QC');
    const company = await signUp();
    for (const state of [code, name])
      expect(await createClient(company, { name: 'A', billingAddress: { country: 'CA', state } })).toMatchObject({
        warnings: [],
      });
  });

  it('an unknown country, and a missing one, is a validation error', async () => {
    for (const query of ['?country=XX', '', '?country='])
      expectProblem(await send(`/v1/reference/subdivisions${query}`), 'validation', ['?country']);
  });

  it('currencies have their decimals', async () => {
    for (const [code, decimals] of [
      ['EUR', 2],
      ['JPY', 0],
      ['BHD', 3],
    ] as const)
      expect(await entry('currencies', code)).toMatchObject({ decimals });
    expect((await entry('currencies', 'CHF')).names).toMatchObject({ fr: 'franc suisse', de: 'Schweizer Franken' });
  });

  it('languages say whether mails have texts in them', async () => {
    expect(await entry('languages', 'fr')).toMatchObject({ hasMailTexts: true, names: { de: 'Französisch' } });
    expect(await entry('languages', 'pt')).toMatchObject({ hasMailTexts: false, names: { en: 'Portuguese' } });
    expect(await entry('languages', 'iw')).toBeUndefined();
  });

  it('time zones have names', async () => {
    expect(await entry('timezones', 'UTC')).toBeDefined();
    expect((await entry('timezones', 'Europe/Berlin')).names).toMatchObject({ en: 'Central European Time' });
  });

  it('problems and codes of faults are listed with their texts', async () => {
    const { problems: kinds, faults } = await listed('problems');
    expect(kinds.map(({ type }: { type: string }) => type)).toEqual(
      Object.keys(problems).map((code) => `/problems/${code}`),
    );
    expect(kinds).toContainEqual({ type: '/problems/validation', ...problems.validation });
    expect(faults).toEqual(Object.entries(faultCodes).map(([code, detail]) => ({ code, detail })));
  });

  it.each(['countries', 'subdivisions?country=US', 'currencies', 'languages', 'timezones', 'problems'])(
    '%s is small and can be cached: it has a strong ETag, and a repeated read is answered 304',
    async (list) => {
      const first = await send(`/v1/reference/${list}`);
      expect(first.text.length).toBeLessThan(120_000);
      const etag = first.headers.get('etag') ?? '';
      expect([first.headers.get('cache-control'), etag]).toEqual([
        'public, max-age=86400',
        expect.stringMatching(/^"/),
      ]);
      const again = await send(`/v1/reference/${list}`, { headers: { 'if-none-match': etag } });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
      expect(again.headers.get('cache-control')).toBe('public, max-age=86400');
      expect((await send(`/v1/reference/${list}`, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
    },
  );
});
