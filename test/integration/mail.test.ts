import { beforeAll, describe, expect, it } from 'vitest';
import { queuedAgain } from '../../lib/mail/repository.ts';
import { mailRetry } from '../../lib/mail/retry.ts';
import { LogId, type MailId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys, ranges } from '../../lib/table/keys.ts';
import { getItem, queryAll } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { openCompany } from '../support/company.ts';
import { type FaultyCall, KILLED } from '../support/killed.ts';
import { mailAdmissionOf } from '../support/mail-admission.ts';
import { LEASE_MS, mailWorld } from '../support/mail-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
beforeAll(async () => {
  ({ table } = await freshTable());
});

type World = ReturnType<typeof mailWorld>;

/**
 * Delivers the message as its queue does, with the delays that the worker asks for, until it is done. Returns the
 * number of deliveries.
 */
async function deliverUntilDone(world: World, id: MailId): Promise<number> {
  for (let deliveries = 1; ; deliveries++) {
    const next = await world.worker().deliver(world.company, id);
    if (!next) return deliveries;
    if (deliveries === 100) throw new Error('the delivery does not end');
    world.later(next.againIn * 1000);
  }
}

describe('a mail', () => {
  it('is sent once, by concurrent workers and repeated messages', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    // Five workers that have all read the mail before any of them claims it.
    const all = Promise.withResolvers<void>();
    let read = 0;
    const together = async () => {
      if (++read === 5) all.resolve();
      await all.promise;
      return world.compose();
    };
    await Promise.all(Array.from({ length: 5 }, () => world.worker(undefined, together).deliver(world.company, id)));
    for (let again = 0; again < 3; again++) await deliverUntilDone(world, id);
    expect(world.acceptedMails).toHaveLength(1);
    expect(await world.log()).toEqual(['mail.sent']);
  });

  const kills: FaultyCall[] = [1, 2, 3, 4, 5].flatMap((call) => [
    { call, when: 'before' as const },
    { call, when: 'after' as const },
  ]);

  it.each(kills)('is sent and logged once although its worker is killed $when call $call', async (kill) => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    await expect(world.worker(kill).deliver(world.company, id)).rejects.toBe(KILLED);
    // SES's event arrives three times before the lease expires.
    for (const mail of world.acceptedMails)
      for (let again = 0; again < 3; again++) await world.handleEvent(world.eventOf('Send', mail));
    await deliverUntilDone(world, id);
    expect(world.acceptedMails).toHaveLength(1);
    expect(await world.log()).toEqual(['mail.sent']);
    expect(await world.mails.getMail(world.company, id)).toMatchObject({
      status: 'sent',
      messageId: world.acceptedMails[0]?.messageId,
    });
  });

  it('whose answer was lost waits for SES’s event, and is not sent again', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    world.answerWith('lost');
    expect(await world.worker().deliver(world.company, id)).toEqual({ againIn: LEASE_MS / 1000 });
    for (const mail of world.acceptedMails) await world.handleEvent(world.eventOf('Delivery', mail));
    world.later(LEASE_MS + 1);
    expect(await world.worker().deliver(world.company, id)).toBeUndefined();
    expect([world.acceptedMails.length, await world.log()]).toEqual([1, ['mail.sent']]);
  });

  it('is sent twice only if SES’s answer and its event are both lost, and that is detected', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    world.answerWith('lost');
    await deliverUntilDone(world, id);
    expect(world.acceptedMails).toHaveLength(2);
    for (let again = 0; again < 3; again++)
      for (const mail of world.acceptedMails) await world.handleEvent(world.eventOf('Send', mail));
    expect(await world.log()).toEqual(['mail.sent', 'mail.sent-twice']);
    expect(world.reports).toEqual(['unknown', 'a mail was sent twice']);
  });

  it('that SES throttles is tried at least ten times in a day, then fails with the reason', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    const begun = world.source.at.getTime();
    world.answerWith(...Array.from({ length: 100 }, () => 'not-now' as const));
    expect(await deliverUntilDone(world, id)).toBeGreaterThanOrEqual(10);
    expect(world.source.at.getTime() - begun).toBeGreaterThanOrEqual(24 * 3600_000);
    expect(await world.mails.getMail(world.company, id)).toMatchObject({ status: 'failed', failure: 'gave-up' });
    expect([world.acceptedMails.length, await world.log()]).toEqual([0, ['mail.failed']]);
  });

  it('of an installation without a sender fails at once with the reason, without a call of SES, and can be sent later', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    const without = world.worker(undefined, async () => ({ failure: 'no-sender', client: null }));
    expect(await without.deliver(world.company, id)).toBeUndefined();
    const mail = await world.mails.getMail(world.company, id);
    expect(mail).toMatchObject({ status: 'failed', failure: 'no-sender' });
    const [entry] = await queryAll(table, ranges.systemLogs(world.company, null));
    expect(entry).toMatchObject({ event: 'mail.failed', detail: expect.stringContaining('No sender is set') });
    expect([world.reports, world.acceptedMails]).toEqual([['not-asked'], []]);

    if (mail) await world.mails.update(mail, queuedAgain(world.source.now()));
    await world.worker().deliver(world.company, id);
    expect(world.acceptedMails).toHaveLength(1);
  });

  it('that SES throttles at first is not lost', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    world.answerWith('not-now', 'unknown', 'not-now');
    expect(await deliverUntilDone(world, id)).toBe(4);
    expect([world.acceptedMails.length, await world.log()]).toEqual([1, ['mail.sent']]);
  });

  it('that SES rejects fails at once, and is sent again once by concurrent retries', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    world.answerWith('refused');
    expect(await world.worker().deliver(world.company, id)).toBeUndefined();
    expect(await world.log()).toEqual(['mail.failed']);
    const [entry] = await queryAll(table, ranges.systemLogs(world.company, null));
    const log = LogId.parse(entry?.id);
    world.later(1000);
    const principal = { ...(await openCompany(table, world.source)), companyId: world.company };
    const { mails, source } = world;
    const admitMail = mailAdmissionOf(table, source).admit;
    const retry = mailRetry({ mails, findAddressee: async () => undefined, admitMail, source });
    const tries = await Promise.allSettled([1, 2, 3].map(() => retry(principal, log, committing(table))));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await deliverUntilDone(world, id);
    await expect(retry(principal, log, committing(table))).rejects.toMatchObject({ code: 'mail-not-failed' });
    expect([world.acceptedMails.length, await world.log()]).toEqual([1, ['mail.failed', 'mail.sent']]);
  });

  it('that cannot be composed fails with the reason, and SES is not called', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    const nobody = async () => ({ failure: 'no-recipient', client: null }) as const;
    expect(await world.worker(undefined, nobody).deliver(world.company, id)).toBeUndefined();
    expect(await world.mails.getMail(world.company, id)).toMatchObject({ status: 'failed', failure: 'no-recipient' });
    expect(world.acceptedMails).toEqual([]);
  });
});

describe('an SES event', () => {
  const orders = [
    ['Send', 'Delivery', 'Bounce', 'Complaint'],
    ['Complaint', 'Bounce', 'Delivery', 'Send'],
    ['Bounce', 'Send', 'Complaint', 'Delivery'],
  ];

  it.each(orders)('has one effect in any order, although it arrives three times: %s, %s, %s, %s', async (...order) => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    await expect(world.worker({ call: 4, when: 'after' }).deliver(world.company, id)).rejects.toBe(KILLED);
    const [one] = world.acceptedMails;
    if (!one) throw new Error('SES took nothing');
    const events = order.map((type) => world.eventOf(type, one));
    for (const event of [...events, ...events, ...events]) await world.handleEvent(event);
    await Promise.all(events.map((event) => world.handleEvent(event)));
    expect((await world.log()).toSorted()).toEqual(['mail.bounced', 'mail.complained', 'mail.sent']);
    expect(world.reports.filter((what) => what.startsWith('bounced'))).toEqual(['bounced c@d.example']);
    const mark = await getItem(table, keys.suppressedAddress(world.company, 'c@d.example'), true);
    expect(mark).toMatchObject({ mailId: id });
  });

  it('about a full mailbox is logged, and suppresses no mail', async () => {
    const world = mailWorld(table);
    await deliverUntilDone(world, await world.enqueue());
    for (const mail of world.acceptedMails) await world.handleEvent(world.eventOf('Transient', mail));
    expect(await world.log()).toEqual(['mail.sent', 'mail.bounced']);
    expect(await getItem(table, keys.suppressedAddress(world.company, 'c@d.example'), true)).toBeUndefined();
  });

  it('about an unknown mail does nothing', async () => {
    const world = mailWorld(table);
    const known = await world.enqueue();
    const unknown = `${known.slice(0, -4)}0000`;
    await world.handleEvent(world.eventOf('Bounce', { mailId: unknown, messageId: 'x' }));
    await world.handleEvent({
      detail: { eventType: 'Send', mail: { messageId: 'x', timestamp: '2026-03-04T10:00:00Z' } },
    });
    expect(await world.log()).toEqual([]);
  });
});
