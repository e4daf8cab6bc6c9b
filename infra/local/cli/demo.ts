import { readJsonIfThere, writeAtomically } from '../shared/files.ts';
import { asObject, asString, type JsonObject } from '../shared/json.ts';
import type { DataFolder } from './data-folder.ts';
import { type DemoApi, demoApi, findMailedToken, unexpected } from './demo-calls.ts';
import { demoGroups, demoItems, demoPricings } from './demo-catalogue.ts';
import { type DemoClient, demoClients, demoCompany, demoSettings, demoUsers } from './demo-company.ts';
import { loadInvoices } from './demo-invoices.ts';
import { loadLogo, uploadDocument } from './demo-uploads.ts';

const { slug } = demoCompany.company;
const { email: ownerEmail, password } = demoCompany.owner;

/**
 * Loads the demo company through the public API, once per data folder. After an interruption it continues at the next start:
 * what exists is found by its name and not created again. One call after the other: at the same time each would wait for a
 * worker of its own to load.
 */
export async function loadDemo(url: string, data: DataFolder): Promise<void> {
  const marker = data.file('demo.json');
  if (asObject(readJsonIfThere(marker)).loaded === true) return;
  const [created] = await Promise.all([demoApi(url).call('POST', '/v1/companies', demoCompany), loadFunctions(url)]);
  if (created.status !== 201 && created.status !== 409) throw unexpected('create the demo company', created);
  const owner = await signIn(url, ownerEmail);
  await verifyOwner(url, owner);
  await owner.must('set up the demo company', 'PATCH', '/v1/company/settings', demoSettings);
  await loadLogo(owner);
  const users = await loadUsers(url, owner);
  const catalogue = await loadCatalogue(owner);
  await loadClients({ url, owner, users, ...catalogue });
  writeAtomically(marker, JSON.stringify({ loaded: true }), { durable: true });
}

/** A sign-in to paste into a terminal. */
export function demoSignIn(url: string): string {
  const body = JSON.stringify({ company: slug, email: ownerEmail, password });
  return `curl -s ${url}/v1/auth/sign-in -H 'content-type: application/json' -d '${body}'`;
}

/** A read of each function that the demo calls. They need no token: a refusal loads the function as well. */
const READS = [
  '/v1/company',
  '/v1/users',
  '/v1/groups',
  '/v1/pricings',
  '/v1/clients',
  '/v1/portal/me',
  '/v1/invoices',
  '/v1/payments',
  ...['users', 'contacts', 'documents'].map((list) => `/v1/clients/cli_01JD8X3V5QZ7M2K4N6P8R0S1TA/${list}`),
];

/** Loads the functions while the company is created, instead of each when it is needed. */
function loadFunctions(url: string): Promise<unknown> {
  return Promise.all(READS.map((path) => demoApi(url).call('GET', path)));
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
  const invited = new Map<string, JsonObject>();
  for (const { accepts: _, ...user } of demoUsers) {
    const one = present.get(user.email) ?? (await owner.must('invite a demo user', 'POST', '/v1/users', user));
    invited.set(user.email, one);
  }
  const users = new Map<string, { id: string; api: DemoApi | undefined }>();
  for (const { email, accepts } of demoUsers) {
    const user = invited.get(email);
    if (accepts && user?.status !== 'active') {
      const body = { company: slug, token: await findMailedToken(url, email, 'invitation'), password };
      await demoApi(url).must('accept an invitation', 'POST', '/v1/auth/invitation/accept', body);
    }
    users.set(email, { id: idOf(user) ?? '', api: accepts ? await signIn(url, email) : undefined });
  }
  return users;
}

/** Creates groups, pricings, and items with their prices. */
async function loadCatalogue(owner: DemoApi): Promise<Pick<World, 'groups' | 'pricings'>> {
  const load = async (path: string, bodies: readonly JsonObject[]) => {
    const present = await owner.listBy('name', `${path}?limit=200`);
    const ids = new Map<string, string>();
    for (const body of bodies) {
      const name = asString(body.name) ?? '';
      ids.set(name, idOf(present.get(name) ?? (await owner.must(`create ${name}`, 'POST', path, body))) ?? '');
    }
    return ids;
  };
  const groups = await load('/v1/groups', demoGroups);
  const pricings = await load('/v1/pricings', demoPricings);
  const items = await load(
    '/v1/items',
    demoItems.map(({ item }) => item),
  );
  for (const { item, prices } of demoItems)
    for (const [pricing, amount] of Object.entries(prices)) {
      const path = `/v1/pricings/${pricings.get(pricing)}/prices/${items.get(asString(item.name) ?? '')}`;
      await owner.must('set a demo price', 'PUT', path, { price: { amount, currency: 'EUR' } });
    }
  return { groups, pricings };
}

/** Creates the clients in their order, each with everything around it. */
async function loadClients(world: World): Promise<void> {
  const present = await world.owner.listBy('idNumber', '/v1/clients?archived=any&limit=200');
  for (const demo of demoClients) {
    const client = present.get(asString(demo.client.idNumber) ?? '') ?? (await createClient(world, demo));
    const path = `/v1/clients/${idOf(client)}`;
    await linkUsers(world, path, demo);
    await changeClient(world, path, demo);
    await loadPortalAccess(world, path, demo);
    await loadInvoices(world.owner, idOf(client) ?? '', demo.invoices ?? []);
    await loadDocuments(world, path, demo);
    await finishClient(world, path, demo);
  }
}

function createClient({ owner, groups, pricings }: World, { client, group, pricing }: DemoClient): Promise<JsonObject> {
  return owner.must(`create ${client.idNumber}`, 'POST', '/v1/clients', {
    ...client,
    ...(group === undefined ? {} : { groupId: groups.get(group) }),
    ...(pricing === undefined ? {} : { pricingId: pricings.get(pricing) }),
  });
}

async function linkUsers({ owner, users }: World, path: string, { users: linked = [] }: DemoClient): Promise<void> {
  for (const email of linked) await owner.must('link a user', 'PUT', `${path}/users/${users.get(email)?.id}`);
}

async function changeClient({ owner, users }: World, path: string, { changes = [] }: DemoClient): Promise<void> {
  for (const { by, patch } of changes)
    await (users.get(by)?.api ?? owner).must('change a client', 'PATCH', path, patch);
}

/** Last, because an archived client accepts no changes. */
async function finishClient({ owner }: World, path: string, { afterwards }: DemoClient): Promise<void> {
  const { status, archived } = afterwards;
  if (status !== undefined) await owner.must('change a client', 'PATCH', path, { status });
  if (archived !== true) return;
  const answer = await owner.call('POST', `${path}/archive`, {});
  // 409: an earlier attempt got this far.
  if (answer.status >= 300 && answer.status !== 409) throw unexpected('archive a demo client', answer);
}

/** Invites contacts to the portal; some have chosen their password. */
async function loadPortalAccess({ url, owner }: World, path: string, { portal = [] }: DemoClient): Promise<void> {
  if (portal.length === 0) return;
  const contacts = await owner.listBy('email', `${path}/contacts?limit=200`);
  for (const { email, accepts } of portal) {
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
  for (const document of missing) await uploadDocument(api, path, document);
}

const idOf = (record: JsonObject | undefined): string | undefined => asString(record?.id);
