import PostalMime from 'postal-mime';
import { beforeAll, describe, expect, it } from 'vitest';
import { SignUp } from '../../lib/accounts/schema.ts';
import { contactRepository } from '../../lib/clients/contacts/repository.ts';
import { mailOutbox } from '../../lib/mail/outbox.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import { templateService } from '../../lib/mail/templates/service.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import { type CompanyId, MailId, mintId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing, transact } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { clientWorld, newClient } from '../support/client-world.ts';
import { composerOf } from '../support/composer.ts';
import { type PortalWorld, portalWorld } from '../support/portal-world.ts';
import { rememberMails } from '../support/queued-mails.ts';
import { freshTable, type TestSource, testSource } from '../support/table.ts';

const PASSWORD = 'correct horse battery staple';
const ADDRESS = '192.0.2.1';
const INVALID = { code: 'link-invalid', status: 403 };
const UNVERIFIED = { code: 'email-not-verified', status: 409 };

let table: Table;
let calls: Call[];
let source: TestSource;
let world: PortalWorld;

beforeAll(async () => {
  ({ table, calls } = await freshTable());
  source = testSource();
  world = portalWorld(table, source);
});

let made = 0;
async function signUp() {
  const slug = `signed-up-${++made}`;
  const email = `owner@${slug}.example`;
  const input = SignUp.parse({
    company: { name: 'Northwind', slug, currency: 'EUR' },
    owner: { email, name: 'Olive', password: PASSWORD },
  });
  const { commit, mails } = rememberMails(committing(table));
  const { company, user } = await world.signUp(input, ADDRESS, commit);
  const [mailId] = mails;
  if (!mailId || mails.length !== 1) throw new Error('the sign-up queues one mail');
  const principal = async (): Promise<Principal> => {
    const { accessToken } = await world.staffSessions.signIn({ company: slug, email, password: PASSWORD }, ADDRESS);
    const caller = await world.resolve(`Bearer ${accessToken}`);
    if (caller?.kind !== 'user') throw new Error('nobody');
    return caller;
  };
  return { id: company.id, slug, email, userId: user.id, mailId, principal };
}

const verifiedAt = async (id: CompanyId) => (await world.accounts.company(id)).mailVerifiedAt;
const confirm = (company: string, token: string) => world.verification.confirm({ company, token }, ADDRESS);
const later = (seconds: number) => {
  source.at = new Date(source.at.getTime() + seconds * 1000);
};

describe('the e-mail address of an owner', () => {
  it('is verified by the link in the mail of the sign-up, once', async () => {
    const { id, slug, userId, mailId } = await signUp();
    expect(await world.mail(id, mailId)).toMatchObject({ kind: 'user-email-verification', userId, status: 'queued' });
    expect(await verifiedAt(id)).toBeNull();
    const token = await world.deliver(id, mailId);
    await confirm(slug, token);
    expect(await verifiedAt(id)).toBe(source.now().toISOString());
    await expect(confirm(slug, token)).rejects.toMatchObject(INVALID);
  });

  it('is verified by one of two confirmations at once, also by different links', async () => {
    const { id, slug, email, mailId } = await signUp();
    const { verification } = world;
    await verification.request(slug, email, ADDRESS);
    const token = await world.deliver(id, mailId);
    const results = await Promise.allSettled([confirm(slug, token), confirm(slug, token)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await world.accounts.company(id)).toMatchObject({ version: 2 });
  });

  it('is not verified by a link of another company, of another purpose, or one that is late or made up', async () => {
    const [mine, other] = [await signUp(), await signUp()];
    const token = await world.deliver(mine.id, mine.mailId);
    await expect(confirm(other.slug, token)).rejects.toMatchObject(INVALID);
    await expect(confirm('no such company', token)).rejects.toMatchObject(INVALID);
    await expect(confirm(mine.slug, 'A'.repeat(43))).rejects.toMatchObject(INVALID);
    await world.staffLinks.requestReset(mine.slug, mine.email, ADDRESS);
    const login = await world.accounts.login(mine.id, mine.email);
    if (!login?.reset) throw new Error('no reset was requested');
    await expect(confirm(mine.slug, await world.deliver(mine.id, login.reset.mailId))).rejects.toMatchObject(INVALID);
    later(72 * 3600);
    await expect(confirm(mine.slug, token)).rejects.toMatchObject(INVALID);
    expect(await verifiedAt(mine.id)).toBeNull();
  });

  it('is verified by a password reset, because its link went there', async () => {
    const { id, slug, email } = await signUp();
    await world.staffLinks.requestReset(slug, email, ADDRESS);
    const login = await world.accounts.login(id, email);
    if (!login?.reset) throw new Error('no reset was requested');
    const token = await world.deliver(id, login.reset.mailId);
    await world.staffLinks.confirmReset({ company: slug, token, password: `${PASSWORD}!` }, ADDRESS);
    expect(await verifiedAt(id)).toBe(source.now().toISOString());
  });

  it('can be mailed the link again, with the same calls for an owner, a verified one and nobody', async () => {
    const [waiting, verified] = [await signUp(), await signUp()];
    await confirm(verified.slug, await world.deliver(verified.id, verified.mailId));
    const cost = async (slug: string, email: string) => {
      const before = calls.length;
      await world.verification.request(slug, email, ADDRESS);
      return calls.slice(before).map(({ operation }) => operation);
    };
    const known = await cost(waiting.slug, waiting.email);
    expect(known).toContain('PutItem');
    expect(await cost(waiting.slug, 'nobody@else.example')).toEqual(known);
    expect(await cost(verified.slug, verified.email)).toEqual(known);
  });
});

describe('until the address is verified, the company', () => {
  it('invites nobody, and writes nothing', async () => {
    const { id, principal } = await signUp();
    const caller = await principal();
    const clients = await clientWorld(table, source, caller);
    const { id: clientId } = await newClient(clients, { name: 'N', contacts: [{ email: 'ada@x.example' }] });
    const page = await contactRepository(table).page(id, clientId, 1, undefined);
    const contact = page?.contacts[0];
    if (!contact) throw new Error('there is a contact');
    const commit = committing(table);
    const welcome = { name: 'W', number: 'W', contacts: [{ email: 'ben@x.example' }], sendWelcomeEmail: true };
    const person = { email: 'uma@x.example', name: 'Uma', role: 'user' } as const;
    const written = calls.length;
    await expect(newClient(clients, welcome)).rejects.toMatchObject(UNVERIFIED);
    await expect(clients.contacts.invite(caller, clientId, contact.id, undefined, commit)).rejects.toMatchObject(
      UNVERIFIED,
    );
    await expect(world.team.invite(caller, person, commit)).rejects.toMatchObject(UNVERIFIED);
    expect(calls.slice(written).map(({ operation }) => operation)).toEqual(['Query']);
  });

  it('invites whom it wants from the next request on', async () => {
    const { id, slug, mailId, principal } = await signUp();
    await confirm(slug, await world.deliver(id, mailId));
    const person = { email: 'uma@x.example', name: 'Uma', role: 'user' } as const;
    await expect(world.team.invite(await principal(), person, committing(table))).resolves.toMatchObject(person);
  });

  it('gets no mail to others sent that was queued all the same', async () => {
    const { id, userId } = await signUp();
    const compose = composerOf(table);
    const mail = { mailId: mintId(MailId, 'mail', source), clientId: null, contactId: null, requestedBy: null };
    const queued = { ...mail, userId, kind: 'registration', at: source.now().toISOString() } as const;
    await transact(table, [mailOutbox(table.name).enqueue(id, queued)]);
    expect(await compose(await world.mail(id, mail.mailId), source.now())).toMatchObject({ failure: 'unverified' });
  });

  it('verifies with our words only, because the address may be anybody’s', async () => {
    const { id, slug, mailId, principal } = await signUp();
    const { companyId } = await principal();
    const settings = companySettingsServices({ table, source }).settings;
    const sender = { fromName: 'Evil', replyTo: 'evil@evil.example' };
    const letterhead = { legalName: 'Evil', address: { line1: 'Evil Street' }, website: 'https://evil.example' };
    await settings.change(companyId, { sender, emailSignature: 'evil', letterhead }, undefined);
    const ref = { groupId: null, key: 'user-email-verification', language: 'en' } as const;
    const text = { subject: 'Evil', body: 'evil $portal.link' };
    await templateService(templateRepository(table), source).put(companyId, ref, text, undefined);
    const composition = await composerOf(table)(await world.mail(id, mailId), source.now());
    if ('failure' in composition) throw new Error(composition.failure);
    const mail = await PostalMime.parse(composition.message.raw);
    expect(mail.text).toContain(`https://staff.example/${slug}/verify-email#`);
    expect(mail.from).toMatchObject({ name: 'Northwind' });
    expect(JSON.stringify([mail.subject, mail.text, mail.html, mail.replyTo])).not.toMatch(/evil/i);
    await confirm(slug, await world.deliver(id, mailId));
  });
});
