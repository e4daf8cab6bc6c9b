import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contracts } from '../../functions/contracts.ts';
import { readApiToken, readPortalToken, readStaffToken } from '../../lib/credentials/tokens.ts';
import type { Contract, Route } from '../../lib/http/contract.ts';
import { cursorSealer } from '../../lib/http/cursor.ts';
import { acceptedVersions, namesTag } from '../../lib/http/entity-tag.ts';
import { patternFault } from '../../lib/numbers/pattern.ts';
import { Numbering } from '../../lib/numbers/schema.ts';
import { mailbox } from '../../lib/shared/email.ts';
import { Problem } from '../../lib/shared/errors.ts';
import { usernameKey } from '../../lib/shared/username.ts';
import { wordsOfQuery } from '../../lib/shared/words.ts';
import { requestWith } from '../support/http-event.ts';
import { parseInput } from '../support/parse-input.ts';
import { leavesOf } from '../support/schemas.ts';

const MIB = 2 ** 20;
const ALLOWED_MS = 100;

const REPEATED = [
  ...[' ', '\t', 'a', 'y', '7', '0', '-', '.', ',', '/', '@', '_', ':', '+', '%', '"', '\\', '(', ';a=b', '😀', 'é'],
  // Marks of two classes in turn: a normalization form has to sort them.
  ...['\u0301', '\u0316\u0301', '\u200b', '\u0000', '\n', '\ud800', '{', '}', '{date:yy', 'yyyy', 'a.', 'a@', 'W/"1",'],
];
const BEGINNINGS = ['https://', 'ada@', '{date:', 'application/pdf; a=', 'https://a:', '2026-01-31T09:30:00.', '+'];

/** Texts of 1 MiB, each as it is and with NUL at its end. */
const HOSTILE = [
  ...REPEATED.map((unit) => unit.repeat(Math.ceil(MIB / unit.length))),
  ...BEGINNINGS.flatMap((beginning) => ['a', '7', '.', 'y'].map((unit) => beginning + unit.repeat(MIB))),
].flatMap((text) => [text, `${text}\u0000`]);

/** Milliseconds of the fastest of three runs; of one, if that is fast enough. */
async function fastest(run: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && best > ALLOWED_MS; attempt++) {
    const from = performance.now();
    await run();
    best = Math.min(best, performance.now() - from);
  }
  return best;
}

const nameOf = (text: string) => `${JSON.stringify(text.slice(0, 24))}…${JSON.stringify(text.slice(-2))}`;

async function slowFor(texts: readonly string[], run: (text: string) => unknown): Promise<string[]> {
  const slow: string[] = [];
  for (const text of texts) if ((await fastest(() => run(text))) > ALLOWED_MS) slow.push(nameOf(text));
  return slow;
}

/** The code of the problem that is thrown. */
async function codeOf(run: () => unknown): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

const routes = Object.values<Contract>(contracts).flatMap((contract) => Object.entries<Route>(contract));
const seen = new Set<unknown>();
const leaves = routes.flatMap(([id, { params, query, body }]) =>
  Object.entries({ params, query, body }).flatMap(([part, schema]) =>
    schema ? leavesOf(schema, `${id} ${part}`, seen) : [],
  ),
);

describe('1 MiB of hostile characters is refused or accepted within 100 ms', () => {
  it('the fields of all contracts are found', () => {
    const places = leaves.map(({ place }) => place);
    for (const place of ['signUp body.company.name', 'createClient body.metadata{key}', 'listClients query.phone'])
      expect(places).toContain(place);
    expect(places.length).toBeGreaterThan(80);
  });

  it.each(leaves)('by the field $place', async ({ schema }) => {
    expect(await slowFor(HOSTILE, (text) => schema.safeParse(text))).toEqual([]);
  });

  // What schemas and headers limit is given as long as they let it be.
  it.each<[string, (text: string) => unknown]>([
    ['a numbering', (text) => Numbering.safeParse({ pattern: text, next: 1, reset: 'never' })],
    ['If-Match', acceptedVersions],
    ['If-None-Match', (text) => namesTag(text, '"1"')],
    ['a token of staff', (text) => readStaffToken('access', `cla_${text.slice(0, 4096)}`)],
    ['a token of the portal', (text) => readPortalToken('refresh', `cpr_${text.slice(0, 4096)}`)],
    ['an API token', (text) => readApiToken(`clt_${text.slice(0, 4096)}`)],
    ['the mailbox of an address', (text) => mailbox(text.slice(0, 400))],
    ['the key of a username', (text) => usernameKey(text.slice(0, 400))],
    ['the words of a search', (text) => wordsOfQuery(text.slice(0, 200))],
  ])('by %s', async (_, run) => {
    expect(await slowFor(HOSTILE, run)).toEqual([]);
  });

  it.each([
    ['yyyy', '{date:%x}'],
    ['yy', '{date:%'],
    ['-', '{date:%}{counter:'],
  ])('by a number pattern of a hundred characters of %j', async (unit, frame) => {
    const pattern = frame.replace('%', unit.repeat(90 / unit.length));
    expect(await fastest(() => patternFault(pattern, 'never'))).toBeLessThan(ALLOWED_MS);
    expect(patternFault(pattern, 'never')).toBeDefined();
  });

  it.each<[string, Route, (text: string) => unknown]>([
    ['the name of a company', contracts.accounts.signUp, (name) => ({ company: { name } })],
    ['an e-mail address', contracts.accounts.signUp, (email) => ({ owner: { email } })],
    ['a number pattern', contracts.company.previewNumbers, (pattern) => ({ clientNumber: { pattern } })],
    ['the name of a document', contracts.documents.createDocument, (name) => ({ name })],
    ['the tags of a client', contracts.clients.createClient, (tag) => ({ name: 'A', tags: [tag] })],
    ['the name of a field', contracts.clients.createClient, (name) => ({ [name]: 1 })],
    ['a key of metadata', contracts.clients.createClient, (key) => ({ name: 'A', metadata: { [key]: 'a' } })],
  ])('by a request with %s', async (_, route, bodyWith) => {
    // A body can have 1 MiB in all, and JSON escapes some characters.
    const bodies = HOSTILE.map((text) => JSON.stringify(bodyWith(text.slice(0, MIB / 8))));
    expect(await slowFor(bodies, (body) => codeOf(() => parseInput(route, requestWith({ body }))))).toEqual([]);
  });

  it('by the content type of a request', async () => {
    const route = contracts.clients.createClient;
    const send = (type: string) => codeOf(() => parseInput(route, requestWith({ body: '{}', contentType: type })));
    expect(await slowFor(HOSTILE, (text) => send(`application/${text}`))).toEqual([]);
    expect(await slowFor(HOSTILE, (text) => send(`application/json${text}`))).toEqual([]);
  });

  it('by a cursor', async () => {
    const source = { now: () => new Date(), random: (bytes: number) => new Uint8Array(randomBytes(bytes)) };
    const cursors = cursorSealer(
      async () => 'a secret',
      source,
    )({ companyId: '', caller: '', operationId: '', path: '', query: {} });
    for (const text of HOSTILE) {
      const from = performance.now();
      await expect(cursors.open(text)).rejects.toMatchObject({ code: 'bad-cursor' });
      expect(performance.now() - from, nameOf(text)).toBeLessThan(3 * ALLOWED_MS);
    }
  });
});
