import { beforeAll, describe, expect, it } from 'vitest';
import { companyProofServices } from '../../lib/billing/ledger/wiring.ts';
import type { ClientId, InvoiceId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { committing } from '../../lib/table/transaction.ts';
import { updateItem } from '../../lib/table/write.ts';
import { type MoneyWorld, moneyWorld, newPayer, pay, sendNew } from '../support/money-world.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
beforeAll(async () => {
  ({ table } = await freshTable());
});

/** A proof that notes the clients whose ledgers it reports. */
function proofOf({ source }: MoneyWorld) {
  const reported: ClientId[] = [];
  return { reported, proofs: companyProofServices({ table, source }, (_, client) => reported.push(client)) };
}

/** Runs all steps, as the relay does: each version of the record is a message. */
async function runToEnd({ principal }: MoneyWorld, proofs: ReturnType<typeof proofOf>['proofs']): Promise<number[]> {
  const versions: number[] = [];
  for (;;) {
    const progress = await proofs.progress(principal.companyId);
    if (!progress || progress.status === 'finished') return versions;
    versions.push(progress.version);
    await proofs.step(principal.companyId, progress.version);
  }
}

async function newDebtor(world: MoneyWorld): Promise<{ id: ClientId; invoice: InvoiceId }> {
  const id = await newPayer(world);
  const { id: invoice } = await sendNew(world, id, 5_000);
  await pay(world, id, 2_000);
  return { id, invoice };
}

const forge = ({ principal }: MoneyWorld, invoice: InvoiceId) =>
  updateItem(table, keys.invoice(principal.companyId, invoice), {
    UpdateExpression: 'SET paid = paid + :one',
    ExpressionAttributeValues: { ':one': 1 },
  });

describe('the proof of a company', () => {
  it('goes over all clients, archived ones too, and finds nothing where all add up', async () => {
    const world = await moneyWorld(table);
    for (let index = 0; index < 11; index++) await newDebtor(world);
    const { id: archived } = await newDebtor(world);
    await world.clients.archive(world.principal, archived, undefined, committing(table));
    const { proofs, reported } = proofOf(world);
    expect(await proofs.progress(world.principal.companyId)).toBeUndefined();
    await proofs.request(world.principal.companyId);
    expect(await runToEnd(world, proofs)).toEqual([1, 2, 3]);
    expect(await proofs.progress(world.principal.companyId)).toMatchObject({
      status: 'finished',
      clients: 12,
      differing: 0,
      differingIds: [],
      finishedAt: expect.any(String),
    });
    expect(reported).toEqual([]);
  });

  it('reports each client whose figures differ, and is right again after they are mended', async () => {
    const world = await moneyWorld(table);
    const [sound, broken] = [await newDebtor(world), await newDebtor(world)];
    await forge(world, broken.invoice);
    const { proofs, reported } = proofOf(world);
    await proofs.request(world.principal.companyId);
    await runToEnd(world, proofs);
    expect(reported).toEqual([broken.id]);
    expect(await proofs.progress(world.principal.companyId)).toMatchObject({
      clients: 2,
      differing: 1,
      differingIds: [broken.id],
    });
    expect(sound.id).not.toBe(broken.id);
  });

  it('a step that is repeated or late changes nothing, and a new request begins again', async () => {
    const world = await moneyWorld(table);
    const { companyId } = world.principal;
    await newDebtor(world);
    const { proofs } = proofOf(world);
    const { version } = await proofs.request(companyId);
    await Promise.all([proofs.step(companyId, version), proofs.step(companyId, version)]);
    const after = await proofs.progress(companyId);
    expect(after).toMatchObject({ clients: 1, archived: true, version: version + 1 });
    await proofs.step(companyId, version);
    expect(await proofs.progress(companyId)).toEqual(after);
    expect(await proofs.request(companyId)).toMatchObject({ clients: 0, archived: false, version: version + 2 });
  });
});
