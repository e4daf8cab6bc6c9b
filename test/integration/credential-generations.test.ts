import { beforeAll, describe, expect, it } from 'vitest';
import { SignUp } from '../../lib/accounts/schema.ts';
import type { SignedIn } from '../../lib/credentials/schema.ts';
import type { Principal, UserPrincipal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { committing, transact } from '../../lib/table/transaction.ts';
import { updateItem } from '../../lib/table/write.ts';
import { type ClientWorld, clientWorld, newClient, newContact } from '../support/client-world.ts';
import { slugOf } from '../support/company.ts';
import { type PortalWorld, portalWorld } from '../support/portal-world.ts';
import { freshTable, type TestSource, testSource } from '../support/table.ts';

const OLD = 'the first pass phrase';
const NEW = 'quite another sentence';
const ROUNDS = 200;
/** A reset takes more calls, and ends sessions by the same write as a change. */
const RESET_ROUNDS = 50;

let table: Table;
let source: TestSource;
let clients: ClientWorld;
let world: PortalWorld;

beforeAll(async () => {
  ({ table } = await freshTable());
  source = testSource();
  clients = await clientWorld(table, source);
  world = portalWorld(table, source);
});

let made = 0;
const nextAddress = () => `198.51.${Math.floor(++made / 250)}.${made % 250}`;

/** Raced sign-ins that fail are counted, and strangers may fail a hundred times an hour. */
const nextHour = () => {
  source.at = new Date(source.at.getTime() + 3_600_000);
};

async function openAccount() {
  nextHour();
  const slug = `generation-${++made}`;
  const email = `owner@${slug}.example`;
  const input = SignUp.parse({
    company: { name: 'Generations', slug, currency: 'EUR' },
    owner: { email, name: 'Olive', password: OLD },
  });
  const { company } = await world.signUp(input, nextAddress(), committing(table));
  await transact(table, [
    world.accounts.writeToVerifyMail(await world.accounts.company(company.id), source.now().toISOString()),
  ]);
  const signIn = (password: string) => world.staffSessions.signIn({ company: slug, email, password }, nextAddress());
  return { slug, email, signIn };
}

async function signedInUser({ signIn }: Awaited<ReturnType<typeof openAccount>>) {
  const tokens = await signIn(OLD);
  const caller = await world.resolve(`Bearer ${tokens.accessToken}`);
  if (caller?.kind !== 'user') throw new Error('nobody signed in');
  return { tokens, caller };
}

const isAlive = async ({ accessToken, refreshToken }: SignedIn) =>
  (await world.resolve(`Bearer ${accessToken}`)) !== null ||
  (await world.staffSessions.refresh(refreshToken, committing(table)).then(
    () => true,
    () => false,
  ));

/** The sessions of sign-ins with the old password, begun a little before, during and after something that ends them. */
async function sessionsAround(signIn: () => Promise<SignedIn>, end: () => Promise<unknown>): Promise<SignedIn[]> {
  const early = [signIn(), signIn()];
  const [attempts] = await Promise.all([Promise.allSettled([...early, signIn()]), end()]);
  return attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
}

async function survivorsOf(sessions: readonly SignedIn[], alive: (session: SignedIn) => Promise<boolean>) {
  const all = await Promise.all(sessions.map(alive));
  return all.filter(Boolean).length;
}

describe('sessions that were signed in with the old password', () => {
  it(`none survives a change of the password in ${ROUNDS} races, but the session that changed it does`, async () => {
    let [opened, survivors] = [0, 0];
    const account = await openAccount();
    let [present, next] = [OLD, NEW];
    const { tokens, caller } = await signedInUser(account);
    for (let round = 0; round < ROUNDS; round++) {
      const sessions = await sessionsAround(
        () => account.signIn(present),
        () => world.staffAccounts.changePassword(caller, present, next),
      );
      opened += sessions.length;
      survivors += await survivorsOf(sessions, isAlive);
      [present, next] = [next, present];
    }
    expect(survivors).toBe(0);
    expect(opened).toBeGreaterThan(0);
    expect(await world.resolve(`Bearer ${tokens.accessToken}`)).toMatchObject({ id: caller.id });
  });

  it(`none survives a reset in ${RESET_ROUNDS} races`, async () => {
    let [opened, survivors] = [0, 0];
    const account = await openAccount();
    const { caller } = await signedInUser(account);
    let [present, next] = [OLD, NEW];
    for (let round = 0; round < RESET_ROUNDS; round++) {
      nextHour();
      await world.staffLinks.requestReset(account.slug, account.email, nextAddress());
      const { reset } = (await world.accounts.login(caller.companyId, account.email)) ?? {};
      if (!reset) throw new Error('no reset was requested');
      const token = await world.deliver(caller.companyId, reset.mailId);
      const sessions = await sessionsAround(
        () => account.signIn(present),
        () => world.staffLinks.confirmReset({ company: account.slug, token, password: next }, nextAddress()),
      );
      opened += sessions.length;
      survivors += await survivorsOf(sessions, isAlive);
      [present, next] = [next, present];
    }
    expect(survivors).toBe(0);
    expect(opened).toBeGreaterThan(0);
  });

  it(`none survives a password that staff sets for a contact in ${ROUNDS} races`, async () => {
    const { principal } = clients;
    const { id: clientId } = await newClient(clients, { name: 'Raced' });
    const email = 'raced@portal.example';
    const { id: contactId } = await newContact(clients, clientId, { firstName: 'Ada', email });
    const slug = slugOf(principal.companyId);
    const set = (password: string) =>
      world.passwords.set(principal, { clientId, contactId }, { password }, undefined, committing(table));
    const signIn = (password: string) =>
      world.sessions.signIn({ company: slug, username: email, password }, nextAddress());
    let [opened, survivors] = [0, 0];
    let [present, next] = [OLD, NEW];
    await set(present);
    for (let round = 0; round < ROUNDS; round++) {
      nextHour();
      const sessions = await sessionsAround(
        () => signIn(present),
        () => set(next),
      );
      opened += sessions.length;
      survivors += await survivorsOf(
        sessions,
        async ({ accessToken }) => (await world.resolve(`Bearer ${accessToken}`)) !== null,
      );
      [present, next] = [next, present];
    }
    expect(survivors).toBe(0);
    expect(opened).toBeGreaterThan(0);
    expect(await world.resolve(`Bearer ${(await signIn(present)).accessToken}`)).toMatchObject({ id: contactId });
  });
});

describe('a user who is deactivated', () => {
  async function member(role: 'admin' | 'owner') {
    const account = await openAccount();
    const { caller: owner } = await signedInUser(account);
    const email = `member@${account.slug}.example`;
    const { id } = await world.team.invite(owner, { email, name: 'Uma', role }, committing(table));
    const invitation = (await world.accounts.user(owner.companyId, id))?.invitation;
    if (!invitation) throw new Error('nobody is invited');
    const token = await world.deliver(owner.companyId, invitation.mailId);
    const link = { company: account.slug, token, password: OLD };
    const { accessToken } = await world.staffLinks.acceptInvitation(link, nextAddress());
    const caller = await world.resolve(`Bearer ${accessToken}`);
    if (caller?.kind !== 'user') throw new Error('nobody signed in');
    return { owner, id, accessToken, caller };
  }
  const patch = (by: Principal, id: UserPrincipal['id'], change: object) =>
    world.team.changeUser(by, id, change, undefined);
  const create = (by: Principal, role: 'viewer' | 'admin' | 'owner') =>
    world.team.createApiToken(by, { name: 'Export', role, expiresAt: null }, committing(table));

  it('has no session and no API token any more, also after being activated again', async () => {
    const { owner, id, accessToken, caller } = await member('admin');
    const { secret, id: tokenId } = await create(caller, 'admin');
    expect(await world.resolve(`Bearer ${secret}`)).toMatchObject({ kind: 'token', role: 'admin' });
    const { revokedApiTokens } = await patch(owner, id, { status: 'deactivated' });
    expect(revokedApiTokens.map((token) => token.id)).toEqual([tokenId]);
    for (const status of ['deactivated', 'active']) {
      await patch(owner, id, { status });
      for (const bearer of [accessToken, secret]) expect(await world.resolve(`Bearer ${bearer}`)).toBeNull();
    }
  });

  it('an API token ends at its time', async () => {
    const { caller } = await member('admin');
    const expiresAt = new Date(source.now().getTime() + 60_000).toISOString();
    const input = { name: 'Export', role: 'admin', expiresAt } as const;
    const { secret } = await world.team.createApiToken(caller, input, committing(table));
    source.at = new Date(Date.parse(expiresAt) - 1);
    expect(await world.resolve(`Bearer ${secret}`)).toMatchObject({ kind: 'token' });
    source.at = new Date(expiresAt);
    expect(await world.resolve(`Bearer ${secret}`)).toBeNull();
  });

  it('an API token of an earlier version is used, read and renamed', async () => {
    const { caller } = await member('admin');
    const { secret, id } = await create(caller, 'admin');
    await updateItem(table, keys.apiToken(caller.companyId, id), {
      UpdateExpression: 'SET schemaVersion = :one REMOVE expiresAt, createdByName, #version',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':one': 1 },
    });
    const read = () => world.team.apiToken(caller, id);
    expect(await read()).toMatchObject({ expiresAt: null, createdByName: null, version: 1, lastUsedOn: null });
    expect(await world.resolve(`Bearer ${secret}`)).toMatchObject({ kind: 'token' });
    const used = await read();
    // The day is a part of the representation, so it has another ETag.
    expect(used).toMatchObject({ lastUsedOn: source.now().toISOString().slice(0, 10), version: 2 });
    await world.resolve(`Bearer ${secret}`);
    expect(await read()).toEqual(used);
    await world.team.renameApiToken(caller, id, { name: 'Renamed' }, [2]);
    expect(await read()).toMatchObject({ name: 'Renamed', version: 3 });
  });

  it('an API token does what its maker may do at that moment, and no more', async () => {
    const { owner, id, caller } = await member('admin');
    const { secret } = await create(caller, 'admin');
    await patch(owner, id, { role: 'viewer' });
    expect(await world.resolve(`Bearer ${secret}`)).toMatchObject({ role: 'viewer' });
    await patch(owner, id, { role: 'owner' });
    expect(await world.resolve(`Bearer ${secret}`)).toMatchObject({ role: 'admin' });
  });

  it('an API token makes no API token, and an admin revokes none of an owner', async () => {
    const { owner, caller } = await member('admin');
    const { secret, id: ownersViewer } = await create(owner, 'viewer');
    const program = await world.resolve(`Bearer ${secret}`);
    if (program?.kind !== 'token') throw new Error('the token is not valid');
    await expect(create(program, 'viewer')).rejects.toMatchObject({ code: 'people-only', status: 403 });
    const { id: ownersOwner } = await create(owner, 'owner');
    for (const token of [ownersViewer, ownersOwner])
      await expect(world.team.revokeApiToken(caller, token)).rejects.toMatchObject({ code: 'role-too-low' });
    await expect(create(caller, 'owner')).rejects.toMatchObject({ code: 'role-too-low' });
    const { id: own } = await create(caller, 'admin');
    await world.team.revokeApiToken(caller, own);
    await world.team.revokeApiToken(owner, ownersOwner);
  });
});
