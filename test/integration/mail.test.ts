import { beforeAll, describe, expect, it } from 'vitest';
import { mailRetry } from '../../lib/mail/retry.ts';
import { LogId, type MailId } from '../../lib/shared/ids.ts';
import { keys, ranges } from '../../lib/table/keys.ts';
import { getItem, queryAll, type Table } from '../../lib/table/table.ts';
import { type Death, killed, LEASE_MS, mailWorld } from '../support/mail-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
beforeAll(async () => {
  ({ table } = await freshTable());
});

type World = ReturnType<typeof mailWorld>;

/** Delivers the message as its queue does: again and again, as late as it is told, until it is done. Answers how often. */
async function untilDone(world: World, id: MailId): Promise<number> {
  for (let deliveries = 1; ; deliveries++) {
    const next = await world.worker().deliver(world.company, id);
    if (!next) return deliveries;
    if (deliveries === 100) throw new Error('it never ends');
    world.later(next.againIn * 1000);
  }
}

describe('a mail', () => {
  it('goes out once, however often its message comes, and to whomever', async () => {
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
    for (let again = 0; again < 3; again++) await untilDone(world, id);
    expect(world.taken).toHaveLength(1);
    expect(await world.log()).toEqual(['mail.sent']);
  });

  const deaths: Death[] = [1, 2, 3, 4, 5].flatMap((call) => [
    { call, when: 'before' as const },
    { call, when: 'after' as const },
  ]);

  it.each(deaths)('goes out once though its worker is killed $when call $call, and is told of once', async (death) => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    await expect(world.worker(death).deliver(world.company, id)).rejects.toBe(killed);
    // SES tells of what it took before the claim is over, three times.
    for (const one of world.taken)
      for (let again = 0; again < 3; again++) await world.handleEvent(world.eventOf('Send', one));
    await untilDone(world, id);
    expect(world.taken).toHaveLength(1);
    expect(await world.log()).toEqual(['mail.sent']);
    expect(await world.mails.getMail(world.company, id)).toMatchObject({
      status: 'sent',
      messageId: world.taken[0]?.messageId,
    });
  });

  it('whose answer was lost waits for the event, and is not sent again', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    world.answering('lost');
    expect(await world.worker().deliver(world.company, id)).toEqual({ againIn: LEASE_MS / 1000 });
    for (const one of world.taken) await world.handleEvent(world.eventOf('Delivery', one));
    world.later(LEASE_MS + 1);
    expect(await world.worker().deliver(world.company, id)).toBeUndefined();
    expect([world.taken.length, await world.log()]).toEqual([1, ['mail.sent']]);
  });

  it('goes out twice in one case alone: SES took it, and neither its answer nor its event came; that is found out', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    world.answering('lost');
    await untilDone(world, id);
    expect(world.taken).toHaveLength(2);
    for (let again = 0; again < 3; again++)
      for (const one of world.taken) await world.handleEvent(world.eventOf('Send', one));
    expect(await world.log()).toEqual(['mail.sent', 'mail.sent-twice']);
    expect(world.reports).toEqual(['unknown', 'a mail was sent twice']);
  });

  it('that SES has no room for is tried ten times and more over a day, then fails with its reason', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    const begun = world.source.at.getTime();
    world.answering(...Array.from({ length: 100 }, () => 'not-now' as const));
    expect(await untilDone(world, id)).toBeGreaterThanOrEqual(10);
    expect(world.source.at.getTime() - begun).toBeGreaterThanOrEqual(24 * 3600_000);
    expect(await world.mails.getMail(world.company, id)).toMatchObject({ status: 'failed', failure: 'gave-up' });
    expect([world.taken.length, await world.log()]).toEqual([0, ['mail.failed']]);
  });

  it('that SES has no room for at first is not lost', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    world.answering('not-now', 'unknown', 'not-now');
    expect(await untilDone(world, id)).toBe(4);
    expect([world.taken.length, await world.log()]).toEqual([1, ['mail.sent']]);
  });

  it('that SES refuses fails at once, and is sent again by whoever names any entry of its log, once', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    world.answering('refused');
    expect(await world.worker().deliver(world.company, id)).toBeUndefined();
    expect(await world.log()).toEqual(['mail.failed']);
    const [entry] = await queryAll(table, ranges.systemLogs(world.company, null));
    const log = LogId.parse(entry?.id);
    world.later(1000);
    const retry = mailRetry(world.mails, world.source);
    const tries = await Promise.allSettled([1, 2, 3].map(() => retry(world.company, log, () => [])));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await untilDone(world, id);
    await expect(retry(world.company, log, () => [])).rejects.toMatchObject({ code: 'mail-not-failed' });
    expect([world.taken.length, await world.log()]).toEqual([1, ['mail.failed', 'mail.sent']]);
  });

  it('that cannot be written fails with its reason, and SES is not asked', async () => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    const nobody = async () => ({ failure: 'no-recipient', client: null }) as const;
    expect(await world.worker(undefined, nobody).deliver(world.company, id)).toBeUndefined();
    expect(await world.mails.getMail(world.company, id)).toMatchObject({ status: 'failed', failure: 'no-recipient' });
    expect(world.taken).toEqual([]);
  });
});

describe('what SES tells', () => {
  const orders = [
    ['Send', 'Delivery', 'Bounce', 'Complaint'],
    ['Complaint', 'Bounce', 'Delivery', 'Send'],
    ['Bounce', 'Send', 'Complaint', 'Delivery'],
  ];

  it.each(orders)('counts once in any order, though it comes three times: %s, %s, %s, %s', async (...order) => {
    const world = mailWorld(table);
    const id = await world.enqueue();
    await expect(world.worker({ call: 4, when: 'after' }).deliver(world.company, id)).rejects.toBe(killed);
    const [one] = world.taken;
    if (!one) throw new Error('SES took nothing');
    const events = order.map((type) => world.eventOf(type, one));
    for (const event of [...events, ...events, ...events]) await world.handleEvent(event);
    await Promise.all(events.map((event) => world.handleEvent(event)));
    expect((await world.log()).toSorted()).toEqual(['mail.bounced', 'mail.complained', 'mail.sent']);
    expect(world.reports.filter((what) => what.startsWith('bounced'))).toEqual(['bounced c@d.example']);
    const mark = await getItem(table, keys.suppressedAddress(world.company, 'c@d.example'), true);
    expect(mark).toMatchObject({ mailId: id });
  });

  it('of a mailbox that is full is told, and holds no mail back', async () => {
    const world = mailWorld(table);
    await untilDone(world, await world.enqueue());
    for (const one of world.taken) await world.handleEvent(world.eventOf('Transient', one));
    expect(await world.log()).toEqual(['mail.sent', 'mail.bounced']);
    expect(await getItem(table, keys.suppressedAddress(world.company, 'c@d.example'), true)).toBeUndefined();
  });

  it('of a mail that nobody knows does nothing', async () => {
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
