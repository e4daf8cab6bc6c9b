import { createHash } from 'node:crypto';
import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import { asObject, asString, type JsonObject } from '../shared/json.ts';
import type { DataFolder } from './data-folder.ts';
import { type DemoApi, demoApi, findMailedToken, unexpected } from './demo-calls.ts';
import { demoGroups, demoItems, demoPricings } from './demo-catalogue.ts';
import {
  type DemoClient,
  type DemoDocument,
  type DemoUser,
  demoClients,
  demoCompany,
  demoSettings,
  demoUsers,
} from './demo-company.ts';
import { documentOf } from './demo-documents.ts';

const { slug } = demoCompany.company;
const { email: ownerEmail, password } = demoCompany.owner;

/**
 * Loads the demo company through the public API, once per data folder. After an interruption it continues at the next start:
 * what exists is found by its name and not created again.
 */
export async function loadDemo(url: string, data: DataFolder): Promise<void> {
  const marker = data.file('demo.json');
  if (asObject(readJsonIfThere(marker)).loaded === true) return;
  const created = await demoApi(url).call('POST', '/v1/companies', demoCompany);
  if (created.status !== 201 && created.status !== 409) throw unexpected('create the demo company', created);
  const owner = await signIn(url, ownerEmail);
  await verifyOwner(url, owner);
  await owner.must('set up the demo company', 'PATCH', '/v1/company/settings', demoSettings);
  const [users, catalogue] = await Promise.all([loadUsers(url, owner), loadCatalogue(owner)]);
  const present = await owner.listBy('idNumber', '/v1/clients?archived=any&limit=200');
  const world: World = { url, owner, users, ...catalogue };
  for (const demo of demoClients)
    await loadClient(world, demo, idOf(present.get(asString(demo.client.idNumber) ?? '')));
  writeAtomically(marker, JSON.stringify({ loaded: true }), { durable: true });
}

/** A sign-in to paste into a terminal. */
export function demoSignIn(url: string): string {
  const body = JSON.stringify({ company: slug, email: ownerEmail, password });
  return `curl -s ${url}/v1/auth/sign-in -H 'content-type: application/json' -d '${body}'`;
}

/** The demo company as far as it is loaded. */
type World = {
  url: string;
  owner: DemoApi;
  /** By address. Those who have not accepted their invitation cannot call the API. */
  users: ReadonlyMap<string, { id: string; api: DemoApi | undefined }>;
  /** Ids by name. */
  groups: ReadonlyMap<string, string>;
  pricings: ReadonlyMap<string, string>;
};

async function signIn(url: string, email: string): Promise<DemoApi> {
  const body = { company: slug, email, password };
  const { accessToken } = await demoApi(url).must(`sign ${email} in`, 'POST', '/v1/auth/sign-in', body);
  return demoApi(url, asString(accessToken));
}

/** Verifies the owner's address with the link in the inbox, so that the demo company can send mail. */
async function verifyOwner(url: string, owner: DemoApi): Promise<void> {
  const { mailVerifiedAt } = await owner.must('read the demo company', 'GET', '/v1/company');
  if (mailVerifiedAt !== null) return;
  const body = { company: slug, token: await findMailedToken(url, ownerEmail, 'verify-email') };
  await demoApi(url).must('verify the demo owner', 'POST', '/v1/auth/email-verification/confirm', body);
}

/** Invites the staff, accepts their invitations, and signs them in. */
async function loadUsers(url: string, owner: DemoApi): Promise<World['users']> {
  const present = await owner.listBy('email', '/v1/users?limit=200');
  const load = async ({ accepts, ...user }: DemoUser) => {
    const invited = present.get(user.email) ?? (await owner.must('invite a demo user', 'POST', '/v1/users', user));
    if (accepts && invited.status !== 'active') {
      const body = { company: slug, token: await findMailedToken(url, user.email, 'invitation'), password };
      await demoApi(url).must('accept an invitation', 'POST', '/v1/auth/invitation/accept', body);
    }
    return [user.email, { id: idOf(invited) ?? '', api: accepts ? await signIn(url, user.email) : undefined }] as const;
  };
  return new Map(await Promise.all(demoUsers.map(load)));
}

/** Creates groups, pricings, and items with their prices. */
async function loadCatalogue(owner: DemoApi): Promise<Pick<World, 'groups' | 'pricings'>> {
  const load = async (path: string, bodies: readonly JsonObject[]) => {
    const present = await owner.listBy('name', `${path}?limit=200`);
    const pairs = bodies.map(async (body) => {
      const name = asString(body.name) ?? '';
      const one = present.get(name) ?? (await owner.must(`create ${name}`, 'POST', path, body));
      return [name, idOf(one) ?? ''] as const;
    });
    return new Map(await Promise.all(pairs));
  };
  const [groups, pricings, items] = await Promise.all([
    load('/v1/groups', demoGroups),
    load('/v1/pricings', demoPricings),
    load(
      '/v1/items',
      demoItems.map(({ item }) => item),
    ),
  ]);
  const prices = demoItems.flatMap(({ item, prices }) =>
    Object.entries(prices).map(([pricing, amount]) => ({
      path: `/v1/pricings/${pricings.get(pricing)}/prices/${items.get(asString(item.name) ?? '')}`,
      price: { amount, currency: 'EUR' },
    })),
  );
  await Promise.all(prices.map(({ path, price }) => owner.must('set a demo price', 'PUT', path, price)));
  return { groups, pricings };
}

/** Creates a client unless it has an id, and then everything around it. */
async function loadClient(world: World, demo: DemoClient, existingId: string | undefined): Promise<void> {
  const { owner, users, groups, pricings } = world;
  const { client, group, pricing, afterwards } = demo;
  const input = {
    ...client,
    ...(group === undefined ? {} : { groupId: groups.get(group) }),
    ...(pricing === undefined ? {} : { pricingId: pricings.get(pricing) }),
  };
  const id = existingId ?? idOf(await owner.must(`create ${client.idNumber}`, 'POST', '/v1/clients', input)) ?? '';
  const path = `/v1/clients/${id}`;
  for (const email of demo.users ?? []) await owner.must('link a user', 'PUT', `${path}/users/${users.get(email)?.id}`);
  for (const { by, patch } of demo.changes ?? [])
    await (users.get(by)?.api ?? owner).must('change a client', 'PATCH', path, patch);
  await Promise.all([loadPortalAccess(world, path, demo.portal ?? []), loadDocuments(world, path, demo)]);
  if (afterwards.status !== undefined)
    await owner.must('change a client', 'PATCH', path, { status: afterwards.status });
  if (afterwards.archived !== true) return;
  const archived = await owner.call('POST', `${path}/archive`, {});
  // 409: an earlier attempt got this far.
  if (archived.status >= 300 && archived.status !== 409) throw unexpected('archive a demo client', archived);
}

/** Invites contacts to the portal; some have chosen their password. */
async function loadPortalAccess({ url, owner }: World, path: string, access: DemoClient['portal'] & object) {
  if (access.length === 0) return;
  const contacts = await owner.listBy('email', `${path}/contacts?limit=200`);
  for (const { email, accepts } of access) {
    const contact = contacts.get(email);
    const status = asObject(contact?.portal).status;
    if (status === 'none')
      await owner.must('invite a contact', 'POST', `${path}/contacts/${idOf(contact)}/invitation`, {});
    if (!accepts || status === 'active') continue;
    const body = { company: slug, token: await findMailedToken(url, email, 'invitation'), password };
    await demoApi(url).must('accept an invitation', 'POST', '/v1/portal/invitation/accept', body);
  }
}

/** Uploads the documents of a client, as its first linked user. They become available in the background. */
async function loadDocuments(
  { owner, users }: World,
  path: string,
  { documents = [], users: linked = [] }: DemoClient,
) {
  if (documents.length === 0) return;
  const api = users.get(linked[0] ?? '')?.api ?? owner;
  const present = await owner.listBy('name', `${path}/documents?limit=200`);
  const missing = documents.filter(({ name }) => present.get(name)?.status !== 'available');
  await Promise.all(missing.map((document) => upload(api, path, document)));
}

async function upload(api: DemoApi, path: string, document: DemoDocument): Promise<void> {
  const { contentType, bytes } = documentOf(document);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const { name, visibility } = document;
  const body = { name, contentType, size: bytes.length, sha256, visibility };
  const created = await api.must('create a document', 'POST', `${path}/documents`, body);
  const { method, url, headers } = asObject(created.upload);
  const names = Object.entries(asObject(headers)).map(([key, value]) => [key, asString(value) ?? ''] as const);
  const request = {
    method: asString(method) ?? 'PUT',
    headers: new Headers(names.map(([k, v]) => [k, v])),
    body: bytes,
  };
  const answer = await fetch(asString(url) ?? '', request);
  const text = await answer.text();
  if (!answer.ok) throw unexpected(`upload ${name}`, { status: answer.status, body: {}, text });
}

const idOf = (record: JsonObject | undefined): string | undefined => asString(record?.id);
