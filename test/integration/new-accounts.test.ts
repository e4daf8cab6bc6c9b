import { beforeAll, describe, expect, it } from 'vitest';
import { activityLog } from '../../lib/activity/repository.ts';
import { clientRepository } from '../../lib/clients/repository.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import type { ClientId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing, transact } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { type ClientWorld, clientWorld, newClient, newContact } from '../support/client-world.ts';
import { clientsWithPortal, type PortalWorld } from '../support/portal-world.ts';
import { rememberMails } from '../support/queued-mails.ts';
import type { TestSource } from '../support/table.ts';

const PASSWORD = 'correct horse battery staple';
const ADDRESS = '192.0.2.1';

let table: Table;
let calls: Call[];
let source: TestSource;
let world: ClientWorld;
let portal: PortalWorld;
let slug: string;

beforeAll(async () => {
  ({ table, calls, source, world, portal, slug } = await clientsWithPortal());
});

const signIn = (username: string, password: string) =>
  portal.sessions.signIn({ company: slug, username, password }, ADDRESS);
const contactsOf = async (id: ClientId) =>
  (await clientRepository(table).profile(world.principal.companyId, id))?.contacts ?? [];

/** Creates a client and returns it with the kinds of the mails that were queued. */
async function createWithMails(fields: object) {
  const remembered = rememberMails(committing(table));
  const client = await world.clients.create(world.principal, ClientInput.parse(fields), remembered.commit);
  const mails = await Promise.all(remembered.mails.map((id) => portal.mail(world.principal.companyId, id)));
  return { client, mails };
}

describe('a contact that gets access to the portal when it is created', () => {
  it('signs in with the password of the request, and is told by mail', async () => {
    const account = { password: PASSWORD };
    const { client, mails } = await createWithMails({ contacts: [{ email: 'one@new.example', account }] });
    expect(client.contacts).toMatchObject([{ portal: { status: 'active', username: 'one@new.example' } }]);
    expect(client.contacts[0]).not.toHaveProperty('generatedPassword');
    expect(mails).toMatchObject([{ kind: 'portal-access', contactId: client.contacts[0]?.id, status: 'queued' }]);
    await expect(signIn('one@new.example', PASSWORD)).resolves.toMatchObject({ tokenType: 'Bearer' });
    const items = await contactsOf(client.id);
    expect(JSON.stringify(items)).not.toContain(PASSWORD);
  });

  it('signs in with a generated password, which only this reply shows', async () => {
    const contacts = [{ email: 'a@gen.example' }, { username: 'bee', firstName: 'B', account: { generate: true } }];
    const { client, mails } = await createWithMails({ contacts });
    const [first, second] = client.contacts;
    expect(first).not.toHaveProperty('generatedPassword');
    expect(second?.generatedPassword).toMatch(/^[\w-]{20}$/);
    // Without an address there is nobody to tell.
    expect(mails).toEqual([]);
    await signIn('bee', second?.generatedPassword ?? '');
    const { contacts: read } = await world.clients.profile(world.principal, client.id);
    expect(JSON.stringify(read)).not.toContain('generatedPassword');
  });

  it('is invited by mail', async () => {
    const { client, mails } = await createWithMails({
      contacts: [{ email: 'i@new.example', account: { invite: true } }],
    });
    expect(client.contacts).toMatchObject([{ portal: { status: 'invited' } }]);
    expect(mails).toMatchObject([{ kind: 'invitation' }]);
  });

  it('a welcome mail is not sent beside the account that the primary contact gets', async () => {
    for (const [account, kind] of [
      [{ invite: true }, 'invitation'],
      [{ generate: true }, 'portal-access'],
    ] as const) {
      const contacts = [{ email: `${kind}@welcome.example`, account }];
      const { mails } = await createWithMails({ contacts, sendWelcomeEmail: true });
      expect(mails.map((mail) => mail.kind)).toEqual([kind]);
    }
  });

  it('every fault of accounts is told at once, and nothing is written', async () => {
    const creation = newClient(world, {
      status: 'inactive',
      contacts: [
        { firstName: 'Nameless', account: { generate: true } },
        { firstName: 'Ada', username: 'ada', account: { invite: true } },
        { firstName: 'Adalbert', email: 'adalbert@x.example', account: { password: 'adalbert1234' } },
      ],
    });
    await expect(creation).rejects.toMatchObject({
      code: 'validation',
      errors: [
        { pointer: '/contacts/0/account', code: 'not-allowed' },
        { pointer: '/contacts/0/account', code: 'no-address' },
        { pointer: '/contacts/1/account', code: 'not-allowed' },
        { pointer: '/contacts/1/account', code: 'no-address' },
        { pointer: '/contacts/2/account', code: 'not-allowed' },
        { pointer: '/contacts/2/account/password', code: 'own-name' },
      ],
    });
  });

  it('respects the limits of mail, and the rule for unverified owners', async () => {
    const unverified = { ...world, principal: { ...world.principal, mayMailOthers: false } };
    const contacts = [{ email: 'u@new.example', account: { generate: true } }];
    await expect(newClient(unverified, { contacts })).rejects.toMatchObject({ code: 'email-not-verified' });
    const limited = await clientWorld(table, source, world.principal, {
      contact: { hour: 1, day: 1 },
      mailbox: { hour: 1, day: 1 },
    });
    await newClient(limited, { contacts });
    const again = { firstName: 'U', email: 'u+again@new.example', account: { invite: true } };
    await expect(newClient(limited, { contacts: [again] })).rejects.toMatchObject({ code: 'too-many-mails' });
    const client = await newClient(world, { name: 'N' });
    const contact = newContact(limited, client.id, again);
    await expect(contact).rejects.toMatchObject({ code: 'too-many-mails' });
    expect((await world.clients.profile(world.principal, client.id)).contacts).toEqual([]);
  });

  it('a client without accounts takes no further call', async () => {
    const before = calls.length;
    await newClient(world, { contacts: [{ email: 'plain@new.example' }] });
    expect(calls.slice(before).map(({ operation }) => operation)).toEqual(['UpdateItem', 'TransactWriteItems']);
  });

  it('is added to a client, also while others change it', async () => {
    const { id } = await newClient(world, { name: 'Busy' });
    const made = await Promise.all(
      [0, 1, 2, 3].map((index) =>
        newContact(world, id, { email: `${index}@busy.example`, account: { generate: true } }),
      ),
    );
    for (const [index, { generatedPassword = '' }] of made.entries())
      await signIn(`${index}@busy.example`, generatedPassword);
    await world.clients.patch(world.principal, id, { status: 'inactive' }, undefined);
    const late = newContact(world, id, { email: 'late@busy.example', account: { invite: true } });
    await expect(late).rejects.toMatchObject({ code: 'portal-closed' });
  });

  it('the activity says that there is a password, not which', async () => {
    const { id } = await newClient(world, { name: 'N' });
    const { id: contact } = await newContact(world, id, { email: 'act@new.example', account: { password: PASSWORD } });
    const { entries } = await activityLog(table).page(world.principal.companyId, id, { limit: 1, after: undefined });
    expect(entries).toMatchObject([{ action: 'contact.created', subject: { id: contact } }]);
    const redacted = { field: 'portal.password', from: null, to: null, redacted: true };
    expect(entries[0]?.changes).toContainEqual(redacted);
    expect(JSON.stringify(entries)).not.toContain(PASSWORD);
  });

  it('as many accounts as a creation accepts fit into its transaction', async () => {
    const contacts = Array.from({ length: 18 }, (_, index) => ({
      username: `full${index}`,
      email: `${index}@full.example`,
      account: { password: PASSWORD },
    }));
    const fields = { name: 'Full', idNumber: 'full', vatNumber: 'DE811907980', contacts };
    const writes: number[] = [];
    await world.clients.create(world.principal, ClientInput.parse(fields), async (all) => {
      writes.push(all.length);
      await transact(table, all);
    });
    // A group, a pricing and the answer to an Idempotency-Key add three more.
    expect(Math.max(...writes)).toBeLessThanOrEqual(97);
    const more = [...contacts, { email: 'more@full.example' }];
    expect(ClientInput.safeParse({ name: 'Full', contacts: more }).success).toBe(false);
  });
});
