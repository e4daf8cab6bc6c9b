import { setTimeout } from 'node:timers/promises';
import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asObject, asString, parseJson } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import type { DataFolder } from './data-folder.ts';
import { demoClients, demoCompany } from './demo-company.ts';

/**
 * Loads the demo company through the public API, once per data folder. After an interruption it continues at the next start: an
 * existing company is not created again, nor are its clients, whose calls have fixed idempotency keys.
 */
export async function loadDemo(url: string, data: DataFolder): Promise<void> {
  const marker = data.file('demo.json');
  if (asObject(readJsonIfThere(marker)).loaded === true) return;
  const created = await call(url, 'POST', '/v1/companies', demoCompany, {});
  if (created.status !== 201 && created.status !== 409) throw unexpected('create the demo company', created);
  const { slug } = demoCompany.company;
  const { email, password } = demoCompany.owner;
  const signedIn = await call(url, 'POST', '/v1/auth/sign-in', { company: slug, email, password }, {});
  if (signedIn.status !== 200) throw unexpected('sign in to the demo company', signedIn);
  const token = asString(signedIn.body.accessToken) ?? '';
  await verifyOwner(url, token);
  const present = await presentClients(url, token);
  for (const [index, { client, afterwards }] of demoClients.entries()) {
    const id = present.get(asString(client.idNumber) ?? '') ?? (await createClient(url, token, client, index));
    if (afterwards.status !== undefined) await update(url, token, id, { status: afterwards.status });
    if (afterwards.archived === true) await archive(url, token, id, index);
  }
  writeAtomically(marker, JSON.stringify({ loaded: true }), { durable: true });
}

/** How long the demo waits for a mail, and how often it looks. */
const MAIL_PATIENCE_MS = 30_000;
const MAIL_INTERVAL_MS = 100;

/** Verifies the owner's address with the link in the inbox, so that the demo company can send mail. */
async function verifyOwner(url: string, token: string): Promise<void> {
  const company = await call(url, 'GET', '/v1/company', undefined, { token });
  if (company.status !== 200) throw unexpected('read the demo company', company);
  if (company.body.mailVerifiedAt !== null) return;
  const body = { company: demoCompany.company.slug, token: await findVerificationToken(url) };
  const verified = await call(url, 'POST', '/v1/auth/email-verification/confirm', body, {});
  if (verified.status !== 204) throw unexpected('verify the address of the demo owner', verified);
}

/** The token in the newest mail to the owner, as soon as it has arrived. */
async function findVerificationToken(url: string): Promise<string> {
  const path = `/_local/mail?to=${encodeURIComponent(demoCompany.owner.email)}`;
  const end = Date.now() + MAIL_PATIENCE_MS;
  for (;;) {
    const mails = parseJson((await call(url, 'GET', path, undefined, {})).text);
    const text = asString(asObject(asList(mails).at(-1)).text) ?? '';
    const [, token] = /\/verify-email#([\w-]+)/.exec(text) ?? [];
    if (token !== undefined) return token;
    if (Date.now() > end) throw new StartProblem('The demo company got no mail. Start with --empty to go without it.');
    await setTimeout(MAIL_INTERVAL_MS);
  }
}

/** A sign-in to paste into a terminal. */
export function demoSignIn(url: string): string {
  const body = JSON.stringify({
    company: demoCompany.company.slug,
    email: demoCompany.owner.email,
    password: demoCompany.owner.password,
  });
  return `curl -s ${url}/v1/auth/sign-in -H 'content-type: application/json' -d '${body}'`;
}

async function createClient(url: string, token: string, client: JsonObject, index: number): Promise<string> {
  const created = await call(url, 'POST', '/v1/clients', client, { token, key: `demo-client-${index}` });
  if (created.status !== 201) throw unexpected(`create the demo client ${asString(client.idNumber)}`, created);
  return asString(created.body.id) ?? '';
}

async function update(url: string, token: string, id: string, patch: JsonObject): Promise<void> {
  const updated = await call(url, 'PATCH', `/v1/clients/${id}`, patch, { token });
  if (updated.status !== 200) throw unexpected('update a demo client', updated);
}

async function archive(url: string, token: string, id: string, index: number): Promise<void> {
  const archived = await call(url, 'POST', `/v1/clients/${id}/archive`, {}, { token, key: `demo-archive-${index}` });
  // 409: an earlier attempt got this far.
  if (archived.status >= 300 && archived.status !== 409) throw unexpected('archive a demo client', archived);
}

/** The demo clients that an interrupted attempt left, by their id number. */
async function presentClients(url: string, token: string): Promise<Map<string, string>> {
  const listed = await call(url, 'GET', '/v1/clients?archived=any&limit=200', undefined, { token });
  if (listed.status !== 200) throw unexpected('list the demo clients', listed);
  const rows = asList(listed.body.data).map(
    (row) => [asString(asObject(row).idNumber), asString(asObject(row).id)] as const,
  );
  return new Map(
    rows.flatMap(([idNumber, id]) => (idNumber !== undefined && id !== undefined ? [[idNumber, id] as const] : [])),
  );
}

type Answer = { status: number; body: JsonObject; text: string };

async function call(
  url: string,
  method: string,
  path: string,
  body: Json | undefined,
  { token, key }: { token?: string; key?: string },
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined
        ? {}
        : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: asObject(parseJson(text)), text };
}

function unexpected(what: string, { status, text }: Answer): StartProblem {
  return new StartProblem(
    `The demo could not ${what}: status ${status} ${text.slice(0, 300)}. Start with --empty to go without it.`,
  );
}
