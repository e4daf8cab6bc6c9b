import { beforeAll, describe, expect, it } from 'vitest';
import { SignUp } from '../../lib/accounts/schema.ts';
import { mailRepository } from '../../lib/mail/repository.ts';
import { mailRetryServices } from '../../lib/mail/wiring.ts';
import type { MailLimits } from '../../lib/rate-limits/schema.ts';
import { ContactId, LogId, type MailId, mintId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Call } from '../support/calls.ts';
import { clientWorld, newClient } from '../support/client-world.ts';
import { openCompany } from '../support/company.ts';
import { mailAdmissionOf, UNLIMITED_MAIL } from '../support/mail-admission.ts';
import { portalWorld } from '../support/portal-world.ts';
import { freshTable, type TestSource, testSource } from '../support/table.ts';

const TOO_MANY = { code: 'too-many-mails', status: 429 };

let table: Table;
let calls: Call[];
let source: TestSource;
let company: Principal;

beforeAll(async () => {
  ({ table, calls } = await freshTable());
  source = testSource('2026-03-04T10:15:00.000Z');
  company = await openCompany(table, source);
});

const someone = () => ({ address: `${crypto.randomUUID()}@x.example`, id: mintId(ContactId, 'con', source) });
const at = (time: string) => {
  source.at = new Date(time);
};
const admitter = (limits: Partial<MailLimits>) => mailAdmissionOf(table, source, limits).admit;

describe('the limits of mail', () => {
  it('count a mailbox over all companies, however its address is written', async () => {
    const admit = admitter({ mailbox: { hour: 3, day: 10 } });
    const other = await openCompany(table, source);
    const { id } = someone();
    const admitted: MailId[] = [];
    for (const [principal, address] of [
      [company, 'Victim@mail.example'],
      [other, 'victim@mail.example'],
      [company, 'victim+any@MAIL.example'],
    ] as const)
      admitted.push(await admit(principal, { address, id }));
    expect(new Set(admitted).size).toBe(3);
    for (const principal of [company, other])
      await expect(admit(principal, { address: 'victim@mail.example', id })).rejects.toMatchObject(TOO_MANY);
    await expect(admit(company, someone())).resolves.toMatch(/^mail_/);
  });

  it('count a contact, whatever its address is', async () => {
    const admit = admitter({ contact: { hour: 2, day: 10 } });
    const { id } = someone();
    for (let n = 0; n < 2; n++) await admit(company, { ...someone(), id });
    await expect(admit(company, { ...someone(), id })).rejects.toMatchObject(TOO_MANY);
    await admit(company, someone());
  });

  it('count a company, and no other', async () => {
    const [mine, other] = [await openCompany(table, source), await openCompany(table, source)];
    const admit = admitter({ company: { hour: 2, day: 10 } });
    for (let n = 0; n < 2; n++) await admit(mine, someone());
    await expect(admit(mine, someone())).rejects.toMatchObject(TOO_MANY);
    await admit(other, someone());
  });

  it('leave the mailbox alone when a company is beyond its own', async () => {
    const mine = await openCompany(table, source);
    const limits = { company: { hour: 1, day: 1 }, mailbox: { hour: 1, day: 1 } };
    const admit = admitter(limits);
    await admit(mine, someone());
    const victim = someone();
    await expect(admit(mine, victim)).rejects.toMatchObject(TOO_MANY);
    await admit(await openCompany(table, source), victim);
  });

  it('end with the hour and with the day of UTC, as Retry-After says', async () => {
    const admit = admitter({ contact: { hour: 2, day: 3 } });
    const one = someone();
    at('2026-03-05T21:59:00.000Z');
    for (let n = 0; n < 2; n++) await admit(company, one);
    await expect(admit(company, one)).rejects.toMatchObject({ ...TOO_MANY, retryAfter: 60 });
    at('2026-03-05T22:00:00.500Z');
    await admit(company, one);
    await expect(admit(company, one)).rejects.toMatchObject({ ...TOO_MANY, retryAfter: 7200 });
    at('2026-03-06T00:00:00.000Z');
    await admit(company, one);
  });

  it('admit exactly as many as they say of many requests at once', async () => {
    const admit = admitter({ contact: { hour: 5, day: 10 } });
    const one = someone();
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => admit(company, one)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  it('count what anybody requests for an address apart from what companies send to it', async () => {
    const { admit, admitFromAnybody } = mailAdmissionOf(table, source, { mailbox: { hour: 1, day: 5 } });
    const one = someone();
    await admitFromAnybody(one.address);
    await expect(admitFromAnybody(one.address)).rejects.toMatchObject(TOO_MANY);
    await admit(company, one);
    await expect(admit(company, one)).rejects.toMatchObject(TOO_MANY);
  });
});

describe('an operation beyond the limits of mail', () => {
  it('writes nothing but counts', async () => {
    const limits = { mailbox: { hour: 1, day: 1 } };
    const clients = await clientWorld(table, source, company, limits);
    const { team } = portalWorld(table, source, limits);
    const commit = committing(table);
    const contacts = [{ email: 'often@x.example' }];
    const client = await newClient(clients, { name: 'N', contacts, sendWelcomeEmail: true });
    const [contact] = client.contacts;
    if (!contact) throw new Error('there is a contact');
    const before = calls.length;
    await expect(clients.contacts.invite(company, client.id, contact.id, undefined, commit)).rejects.toMatchObject(
      TOO_MANY,
    );
    const person = { email: 'often@x.example', name: 'Uma', role: 'user' } as const;
    await expect(team.invite(company, person, commit)).rejects.toMatchObject(TOO_MANY);
    const welcome = { name: 'W', number: 'W', contacts: [{ email: 'OFTEN@x.example' }], sendWelcomeEmail: true };
    await expect(newClient(clients, welcome)).rejects.toMatchObject(TOO_MANY);
    const made = calls.slice(before).map(({ operation }) => operation);
    expect(new Set(made)).toEqual(new Set(['Query', 'UpdateItem']));
  });

  it('is the same for a mail that failed and is sent again', async () => {
    const mine = await openCompany(table, source);
    const clients = await clientWorld(table, source, mine);
    const contacts = [{ email: 'failed@x.example' }];
    const { id, contacts: created } = await newClient(clients, { name: 'N', contacts, sendWelcomeEmail: true });
    const invited = await clients.contacts.read(mine, id, created[0]?.id ?? mintId(ContactId, 'con', source));
    const mails = mailRepository(table, systemLog(table).entry);
    const mail = invited.invitation && (await mails.getMail(mine.companyId, invited.invitation.mailId));
    if (!mail) throw new Error('no mail is queued');
    await mails.update(mail, { status: 'failed', failure: 'refused' });
    const limits = { ...UNLIMITED_MAIL, company: { hour: 1, day: 1 } };
    const { retryMail } = mailRetryServices({ table, source }, limits);
    const log = LogId.parse(mail.mailId.replace('mail_', 'log_'));
    await expect(retryMail(mine, log, committing(table))).rejects.toMatchObject(TOO_MANY);
    const unverified = { ...mine, mayMailOthers: false };
    await expect(retryMail(unverified, log, committing(table))).rejects.toMatchObject({ code: 'email-not-verified' });
  });
});

describe('sign-ups', () => {
  const signUpFrom = (limits: Parameters<typeof portalWorld>[2]) => {
    const world = portalWorld(table, source, limits);
    return async (address: string, email = someone().address) => {
      const owner = { email, name: 'O', password: 'correct horse battery staple' };
      const input = SignUp.parse({ company: { name: `C ${crypto.randomUUID()}`, currency: 'EUR' }, owner });
      return world.signUp(input, address, committing(table));
    };
  };

  it('are limited by IP address, and by the /64 of IPv6', async () => {
    const signUp = signUpFrom({ signUps: { hour: 2, day: 10 } });
    at('2026-03-07T10:59:50.000Z');
    for (const [first, second] of [
      ['192.0.2.7', '192.0.2.7'],
      ['2001:db8:7::1', '2001:db8:7::ffff'],
    ] as const) {
      await signUp(first);
      await signUp(second);
      await expect(signUp(first)).rejects.toMatchObject({ code: 'too-many-sign-ups', status: 429, retryAfter: 10 });
    }
    await signUp('192.0.2.8');
    at('2026-03-07T11:00:00.000Z');
    await signUp('192.0.2.7');
  });

  it('are limited by the mailbox of the owner', async () => {
    const signUp = signUpFrom({ mailbox: { hour: 2, day: 10 } });
    const { address: email } = someone();
    await signUp('192.0.2.9', email);
    await signUp('192.0.2.10', email.toUpperCase());
    await expect(signUp('192.0.2.11', email)).rejects.toMatchObject(TOO_MANY);
  });
});
