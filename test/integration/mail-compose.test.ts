import PostalMime from 'postal-mime';
import { beforeAll, describe, expect, it } from 'vitest';
import { accountRepository } from '../../lib/accounts/repository.ts';
import { groupRepository } from '../../lib/groups/repository.ts';
import { newGroup } from '../../lib/groups/schema.ts';
import type { ReadLogo } from '../../lib/logo/reader.ts';
import { logoEntity } from '../../lib/logo/schema.ts';
import { oneTimeLinks, secretOf } from '../../lib/mail/one-time-links.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import { templateRepository } from '../../lib/mail/templates/repository.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import {
  type ClientId,
  type CompanyId,
  type ContactId,
  GroupId as Group,
  type GroupId,
  type LogoId,
  LogoId as LogoIdentity,
  type MailId,
  MailId as MailIdentity,
  mintId,
} from '../../lib/shared/ids.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { asItem } from '../../lib/table/entity.ts';
import { keys } from '../../lib/table/keys.ts';
import { getItem } from '../../lib/table/query.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import { type ClientWorld, clientWorld, newClient } from '../support/client-world.ts';
import { composerOf } from '../support/composer.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let world: ClientWorld;
beforeAll(async () => {
  ({ table } = await freshTable());
  world = await clientWorld(table);
});

async function composed(mailId: MailId, settings?: Parameters<typeof composerOf>[1]) {
  const { source, principal } = world;
  const mails = mailRepository(table, systemLog(table).entry);
  const mail = await mails.getMail(principal.companyId, mailId);
  if (!mail) throw new Error('there is no such mail');
  return composerOf(table, settings)(mail, source.now());
}

/** Creates a client with one invited contact; returns their ids and the mail's. */
async function inviteContact(fields: Record<string, unknown>, contact: Record<string, unknown> = {}) {
  const client = await newClient(world, {
    name: 'Harbour',
    ...fields,
    contacts: [{ firstName: 'Ada', email: `${crypto.randomUUID()}@x.example`, ...contact }],
    sendWelcomeEmail: true,
  });
  const stored = await world.contacts.list(world.principal, client.id, 1, undefined);
  const [one] = stored.contacts;
  if (!one?.invitation) throw new Error('nobody is invited');
  return { mailId: one.invitation.mailId, contactId: one.id, clientId: client.id };
}

async function textOf(mailId: MailId): Promise<string> {
  const composition = await composed(mailId);
  if ('failure' in composition) throw new Error(composition.failure);
  return (await PostalMime.parse(composition.message.raw)).text ?? '';
}

async function ownerOf(company: CompanyId) {
  const [owner] = (await accountRepository(table).users(company, 1)).users;
  if (!owner) throw new Error('the company has no owner');
  return owner;
}

/** Requests a new password for the owner; returns the mail's id. */
async function resetOfOwner(): Promise<MailId> {
  const { companyId } = world.principal;
  const mailId = mintId(MailIdentity, 'mail', world.source);
  const at = world.source.now().toISOString();
  await accountRepository(table).startReset(companyId, await ownerOf(companyId), { mailId, at });
  return mailId;
}

async function languageOf(mailId: MailId): Promise<string | undefined> {
  const composition = await composed(mailId);
  if ('failure' in composition) throw new Error(composition.failure);
  const { html } = await PostalMime.parse(composition.message.raw);
  return /<html[^>]* lang="([^"]+)"/.exec(html ?? '')?.[1];
}

async function newGroupOf(settings: { language?: string }): Promise<GroupId> {
  const { source, principal } = world;
  const id = mintId(Group, 'grp', source);
  const group = newGroup({ id, name: `Group ${id}`, settings, createdAt: source.now().toISOString() });
  await transact(table, groupRepository(table).writesToCreate(principal.companyId, group));
  return id;
}

describe('the language of a mail', () => {
  it('is that of the contact, else of the client, else of its group, else of the company', async () => {
    const groupId = await newGroupOf({ language: 'de' });
    const change = companySettingsServices({ table, source: world.source }).settings.change;
    await change(world.principal.companyId, { language: 'es' }, undefined);
    const settings = { language: 'fr' };
    const mails = [
      await inviteContact({ groupId, settings }, { language: 'en' }),
      await inviteContact({ groupId, settings }),
      await inviteContact({ groupId }),
      await inviteContact({}),
    ];
    const languages = [];
    for (const { mailId } of mails) languages.push(await languageOf(mailId));
    expect(languages).toEqual(['en', 'fr', 'de', 'es']);
  });

  it('falls back to the base language, then to the language of the next level', async () => {
    expect(await languageOf((await inviteContact({}, { language: 'de-AT' })).mailId)).toMatch(/^de/);
    expect(await languageOf((await inviteContact({ settings: { language: 'fr' } }, { language: 'fi' })).mailId)).toBe(
      'fr',
    );
  });
});

describe('the logo', () => {
  const picture = { contentType: 'image/png', width: 480, height: 112, size: 4, versionId: 'v' } as const;
  const bytes = new Uint8Array([0x89, 0x50, 0x4e, 0x47]);
  const unreadable = () => Promise.reject(Object.assign(new Error('denied'), { name: 'AccessDenied' }));

  /** Gives the company a new logo, or none. */
  async function setLogo(shown: typeof picture | null): Promise<LogoId> {
    const { source, principal } = world;
    const id = mintId(LogoIdentity, 'logo', source);
    const logo = { id, picture: shown, updatedAt: source.now().toISOString(), version: 1 };
    await transact(table, [writes(table.name).put(keys.logo(principal.companyId), asItem(logoEntity, logo))]);
    return id;
  }

  async function mailOf(mailId: MailId, readLogo: ReadLogo, reports: unknown[] = []) {
    const settings = { readLogo, reportUnreadableLogo: (problem: unknown) => void reports.push(problem) };
    const composition = await composed(mailId, settings);
    if ('failure' in composition) throw new Error(composition.failure);
    return PostalMime.parse(composition.message.raw);
  }

  it('stands in a mail to a contact in place of the name, as a part of the mail', async () => {
    const id = await setLogo(picture);
    const asked: unknown[] = [];
    const { html, text, attachments } = await mailOf((await inviteContact({})).mailId, async (ref, versionId) => {
      asked.push([ref, versionId]);
      return bytes;
    });
    expect(asked).toEqual([[{ company: world.principal.companyId, id }, 'v']]);
    const sources = [...(html ?? '').matchAll(/ src="([^"]*)"/g)].map(([, source]) => source);
    expect(sources).toEqual([`cid:${id}@clientele`]);
    expect(html).toMatch(/<img\s+alt="[^"]+" [^>]*width="240"/);
    expect(attachments).toMatchObject([
      { contentId: `<${id}@clientele>`, filename: 'logo.png', mimeType: 'image/png', disposition: 'inline' },
    ]);
    expect(text).not.toContain('cid:');
  });

  it('if it cannot be read, the mail goes with the name of the company, and the log says why', async () => {
    const logoId = await setLogo(picture);
    const { mailId } = await inviteContact({});
    const reports: unknown[] = [];
    const { html, attachments } = await mailOf(mailId, unreadable, reports);
    expect(html).not.toContain('<img');
    expect(html).toContain('class="company"');
    expect(attachments).toEqual([]);
    expect(reports).toEqual([{ mailId, logoId, reason: 'AccessDenied: denied' }]);
  });

  it('is not read for mails to users, for a company that has deleted it, or before its verification', async () => {
    await setLogo(picture);
    const { html } = await mailOf(await resetOfOwner(), unreadable);
    expect(html).not.toContain('<img');
    await setLogo(null);
    expect((await mailOf((await inviteContact({})).mailId, unreadable)).html).not.toContain('<img');
    await setLogo(picture);
    const reports: unknown[] = [];
    const unverified = { UpdateExpression: 'SET mailVerifiedAt = :none', ExpressionAttributeValues: { ':none': null } };
    const verified = {
      UpdateExpression: 'SET mailVerifiedAt = :at',
      ExpressionAttributeValues: { ':at': world.source.now().toISOString() },
    };
    const company = keys.company(world.principal.companyId);
    const mailId = await resetOfOwner();
    await transact(table, [writes(table.name).update(company, unverified)]);
    expect((await mailOf(mailId, unreadable, reports)).attachments).toEqual([]);
    await transact(table, [writes(table.name).update(company, verified)]);
    expect(reports).toEqual([]);
  });
});

describe('what the company shows of itself', () => {
  it('stands in mails to contacts once, but not in those to its own users', async () => {
    const { companyId } = world.principal;
    const change = companySettingsServices({ table, source: world.source }).settings.change;
    const address = { line1: '1 Harbour Road', city: 'London', postalCode: 'E1 6AN', country: 'GB' };
    const letterhead = { legalName: 'Northwind Ltd', address, vatNumber: 'GB123456789' };
    await change(companyId, { language: 'en', emailSignature: 'The team\nof Northwind', letterhead }, undefined);
    const text = await textOf((await inviteContact({})).mailId);
    expect(text).toMatch(
      /works once, until [^\n]*\n\n-- \nThe team\nof Northwind\n\nNorthwind Ltd\n1 Harbour Road, London E1 6AN/,
    );
    expect(text).toMatch(/VAT GB123456789\n+$/);
    expect(text).not.toContain('Kind regards');
    const toUser = await textOf(await resetOfOwner());
    expect(toUser).toMatch(/\n\nKind regards,\n[^\n]+\n+$/);
    expect(toUser).not.toMatch(/The team|Harbour/);
  });
});

describe('an invitation', () => {
  it('has the same secret in every try, and a valid link once the mail is claimed', async () => {
    const { mailId } = await inviteContact({});
    const tries = [await composed(mailId), await composed(mailId)];
    const [first, second] = tries.map((composition) => ('message' in composition ? composition : undefined));
    if (!first || !second) throw new Error('no mail was composed');
    const secretIn = async (raw: Uint8Array) =>
      /invitation#([\w-]{43})/.exec((await PostalMime.parse(raw)).text ?? '')?.[1];
    const secret = await secretIn(first.message.raw);
    expect(secret).toBe(await secretIn(second.message.raw));
    const links = oneTimeLinks(table);
    const find = () => links.find(world.principal.companyId, secret ?? '', 'invitation', world.source.now());
    expect(await find()).toBeUndefined();
    await transact(table, first.writes);
    expect(await find()).toMatchObject({ mailId });
  });

  it.each<[string, string, (of: { clientId: ClientId; contactId: ContactId }) => Promise<unknown>]>([
    [
      'was deleted',
      'no-recipient',
      (of) => world.contacts.remove(world.principal, of.clientId, of.contactId, undefined),
    ],
    [
      'has another address',
      'superseded',
      (of) =>
        world.contacts.patch(
          world.principal,
          of.clientId,
          of.contactId,
          { email: `${crypto.randomUUID()}@y.example` },
          undefined,
        ),
    ],
    [
      'was invited again',
      'superseded',
      (of) => world.contacts.invite(world.principal, of.clientId, of.contactId, undefined, committing(table)),
    ],
  ])('is not sent if its contact %s', async (_, failure, meanwhile) => {
    const { mailId, ...of } = await inviteContact({});
    await meanwhile(of);
    expect(await composed(mailId)).toMatchObject({ failure });
  });

  it('is not sent by an installation without a sender, and the reason is logged for its client', async () => {
    const { mailId, clientId } = await inviteContact({});
    expect(await composed(mailId, { from: undefined })).toEqual({ failure: 'no-sender', client: clientId });
  });

  it('is not sent to an address that bounced, nor to one that SES does not accept', async () => {
    const mails = mailRepository(table, systemLog(table).entry);
    const { mailId } = await inviteContact({}, { email: 'Back@x.example' });
    const at = world.source.now().toISOString();
    await transact(table, [mails.suppress(world.principal.companyId, 'back@x.example', 'bounced', at, mailId)]);
    expect(await composed(mailId)).toMatchObject({ failure: 'suppressed' });
    const odd = await inviteContact({}, { email: 'adä@x.example' });
    expect(await composed(odd.mailId)).toMatchObject({ failure: 'unsupported-address' });
  });

  it('keeps no address and no secret in the outbox', async () => {
    const { mailId } = await inviteContact({}, { email: 'nowhere-to-be-seen@x.example' });
    const item = await getItem(table, keys.mail(world.principal.companyId, mailId), true);
    expect(JSON.stringify(item)).not.toContain('@');
    expect(JSON.stringify(item)).not.toContain(secretOf('a secret', mailId));
  });
});

it('a text that was saved with its link in another address is replaced by the built-in one', async () => {
  const { mailId } = await inviteContact({}, { language: 'nl' });
  const broken = { subject: 'Ours', body: 'Click [here](https://evil.example/?u=$portal.link)' };
  const place = { groupId: null, key: 'invitation', language: 'nl' } as const;
  const saved = { ...place, ...broken, updatedAt: world.source.now().toISOString(), version: 1 };
  await templateRepository(table).put(world.principal.companyId, saved, 0);
  const composition = await composed(mailId);
  if ('failure' in composition) throw new Error(composition.failure);
  const { subject, text, html } = await PostalMime.parse(composition.message.raw);
  expect(subject).not.toBe('Ours');
  expect(text).toMatch(/https:\/\/portal\.example\/[\w-]+\/invitation#[\w-]{43}/);
  expect(`${text}${html}`).not.toContain('evil');
});

it('a password reset of a user is sent only if it is the newest one and unused', async () => {
  const { companyId } = world.principal;
  const accounts = accountRepository(table);
  const owner = await ownerOf(companyId);
  const older = await resetOfOwner();
  expect(await composed(older)).toMatchObject({ message: { to: owner.email } });
  const newer = await resetOfOwner();
  expect(await composed(older)).toMatchObject({ failure: 'superseded' });
  expect(await composed(newer)).toMatchObject({ message: { to: owner.email } });
  const reset = { mailId: newer, passwordHash: 'other', at: world.source.now().toISOString() };
  await transact(
    table,
    accounts.writesToResetPassword(companyId, owner, reset, () => new Error('refused')),
  );
  expect(await composed(newer)).toMatchObject({ failure: 'superseded' });
});
