import { afterAll, beforeAll, expect, it } from 'vitest';
import { activityLog } from '../../lib/activity/repository.ts';
import { type ClientId, mintId, SessionId, UserId } from '../../lib/shared/ids.ts';
import { keys, ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { committing, transact, writes } from '../../lib/table/transaction.ts';
import {
  aClient,
  arrivals,
  createUpload,
  type DocumentWorld,
  documentWorld,
  put,
  sha256,
  uploaded,
} from '../support/document-world.ts';
import { freshTable } from '../support/table.ts';

let of: DocumentWorld;

beforeAll(async () => {
  of = await documentWorld((await freshTable()).table);
});
afterAll(() => of?.stop());

/** What was done to documents, newest first: beneath it stands the creation of the client. */
async function entries(client: ClientId) {
  const { entries: all } = await activityLog(of.world.table).page(of.companyId, client, 200, undefined);
  return all.filter(({ action }) => action !== 'client.created');
}

/** Runs a change and answers the entries that it left, newest first. */
async function left(client: ClientId, run: () => Promise<unknown>) {
  const before = await entries(client);
  await run();
  const after = await entries(client);
  expect(after.slice(after.length - before.length)).toEqual(before);
  return after.slice(0, after.length - before.length);
}

/** A moment later than whatever came before. */
function later(): void {
  of.world.source.at = new Date(of.world.source.at.getTime() + 1);
}

const change = (field: string, from: unknown, to: unknown) => ({ field, from, to });

it('each change of a document has one entry, with what changed and who did it', async () => {
  const client = await aClient(of);
  const id = mintId(UserId, 'usr', of.world.source);
  const sessionId = mintId(SessionId, 'ses', of.world.source);
  const principal = { ...of.world.principal, kind: 'user', id, sessionId, name: 'Olive' } as const;
  const { documents } = of;
  const input = { contentType: 'application/pdf', size: 5, sha256: sha256('bytes'), visibility: 'internal' } as const;
  later();
  const [created, ...none] = await left(client, () =>
    documents.createUpload(principal, client, { ...input, name: 'Contract.pdf' }, committing(of.world.table)),
  );
  expect(none).toEqual([]);
  const documentId = (await of.documents.list(principal, client, { filter: {}, limit: 1, after: undefined }))
    .documents[0]?.id;
  if (!documentId) throw new Error('no document');
  const actor = { kind: 'user', id, name: 'Olive' };
  const subject = (label: string) => ({ type: 'document', id: documentId, label });
  expect(created).toMatchObject({ at: of.world.source.at.toISOString(), actor, action: 'document.created' });
  expect(created?.subject).toEqual(subject('Contract.pdf'));
  expect(created?.changes).toEqual([
    change('name', null, 'Contract.pdf'),
    change('contentType', null, 'application/pdf'),
    change('size', null, 5),
    change('visibility', null, 'internal'),
  ]);

  const step = async (run: () => Promise<unknown>, action: string, label: string, changes: object[]) => {
    later();
    const made = await left(client, run);
    expect(made).toEqual([
      expect.objectContaining({
        at: of.world.source.at.toISOString(),
        actor,
        action,
        subject: subject(label),
        changes,
      }),
    ]);
  };
  const patch = (body: Record<string, unknown>) => () =>
    documents.change(principal, client, documentId, body, undefined);
  await step(patch({ name: 'Vertrag.pdf' }), 'document.updated', 'Vertrag.pdf', [
    change('name', 'Contract.pdf', 'Vertrag.pdf'),
  ]);
  await step(patch({ visibility: 'portal' }), 'document.updated', 'Vertrag.pdf', [
    change('visibility', 'internal', 'portal'),
  ]);
  await step(patch({ name: 'A.pdf', visibility: 'internal' }), 'document.updated', 'A.pdf', [
    change('name', 'Vertrag.pdf', 'A.pdf'),
    change('visibility', 'portal', 'internal'),
  ]);
  await step(() => documents.remove(principal, client, documentId, undefined), 'document.deleted', 'A.pdf', [
    change('name', 'A.pdf', null),
    change('contentType', 'application/pdf', null),
    change('size', 5, null),
    change('visibility', 'internal', null),
  ]);
});

it('nothing is told of what changed nothing or was refused', async () => {
  const client = await aClient(of);
  const { document } = await createUpload(of, client, 'bytes');
  const { principal } = of.world;
  const patch = (body: Record<string, unknown>, ifMatch?: number[]) =>
    of.documents.change(principal, client, document.id, body, ifMatch);
  const made = await left(client, async () => {
    for (const same of [{}, { name: 'Contract.pdf' }, { name: ' Contract.pdf ', visibility: 'internal' }])
      expect(await patch(same)).toEqual(document);
    await expect(patch({ name: 'x' }, [7])).rejects.toMatchObject({ code: 'stale-version' });
    await expect(patch({ name: 'a/b' })).rejects.toMatchObject({ code: 'validation' });
    await expect(of.documents.remove(principal, client, document.id, [7])).rejects.toMatchObject({
      code: 'stale-version',
    });
    await expect(createUpload(of, client, 'x', { size: 100_000_001 })).rejects.toMatchObject({ code: 'validation' });
  });
  expect(made).toEqual([]);
  await of.documents.remove(principal, client, document.id, undefined);
  await expect(of.documents.remove(principal, client, document.id, undefined)).rejects.toMatchObject({
    code: 'not-found',
  });
  expect((await entries(client)).map(({ action }) => action)).toEqual(['document.deleted', 'document.created']);
});

it('what the storage did stands in the system log alone', async () => {
  const client = await aClient(of);
  const { id } = await uploaded(of, client);
  const place = { company: of.companyId, client, id };
  const { document } = await createUpload(of, client, 'never');
  const stored = await of.repository.getStored({ ...place, id: document.id });
  await of.documents.remove(of.world.principal, client, id, undefined);
  const made = await left(client, async () => {
    await of.removal().finish(place);
    const expired = { part: stored?.part ?? 0, ttl: stored?.ttl ?? 0 };
    await of.removal().expire({ ...place, id: document.id }, expired);
  });
  expect(made).toEqual([]);
  const { entries: logged } = await of.log.page(of.companyId, client, { filter: {}, limit: 9, after: undefined });
  expect(logged.map(({ event }) => event).sort()).toEqual([
    'document.deleted',
    'document.expired',
    'document.received',
  ]);
  // The upload changes the document as well, but nobody did.
  expect((await entries(client)).map(({ action }) => action).sort()).toEqual([
    'document.created',
    'document.created',
    'document.deleted',
  ]);
});

it('changes at once have an entry each, none lost and none doubled', async () => {
  const client = await aClient(of);
  const announced = await Promise.all(
    Array.from({ length: 50 }, (_, index) => createUpload(of, client, `bytes ${index}`)),
  );
  const told = await entries(client);
  expect(told.map(({ action }) => action)).toEqual(Array(50).fill('document.created'));
  expect(new Set(told.map(({ subject }) => subject.id))).toEqual(new Set(announced.map(({ document }) => document.id)));

  const [first] = announced;
  if (!first) throw new Error('nothing was announced');
  const names = ['a.pdf', 'b.pdf', 'c.pdf', 'd.pdf'];
  const made = await left(client, async () => {
    expect(await put(first.upload, 'bytes 0')).toBe(200);
    const rename = (name: string) =>
      of.documents.change(of.world.principal, client, first.document.id, { name }, undefined);
    await Promise.all([...names.map(rename), ...arrivals(of).map(of.receipt())]);
  });
  // Each took up where the one before it ended, in the order in which they stand.
  const chain = made.toReversed().map(({ changes }) => changes[0]);
  expect(chain.map((one) => one?.to).sort()).toEqual(names);
  expect(chain.map((one) => one?.from)).toEqual(['Contract.pdf', ...chain.slice(0, -1).map((one) => one?.to)]);
});

it('an announcement that finds parts of the count full tells of itself once, one that finds no room not at all', async () => {
  const client = await aClient(of);
  const on = writes(of.world.table.name);
  const fill = (free: number) =>
    Array.from({ length: 8 }, (_, part) =>
      on.put(keys.documentCount(of.companyId, client, part), {
        entity: 'document-count',
        schemaVersion: 1,
        documents: part === free ? 624 : 625,
      }),
    );
  for (let free = 0; free < 8; free++) {
    later();
    await transact(of.world.table, fill(free));
    expect(await left(client, () => createUpload(of, client, 'x'))).toMatchObject([{ action: 'document.created' }]);
  }
  const refused = () => expect(createUpload(of, client, 'x')).rejects.toMatchObject({ code: 'too-many-documents' });
  expect(await left(client, refused)).toEqual([]);
});

it('is kept as long as the company says', async () => {
  const client = await aClient(of);
  const { documents, world } = of;
  const brief = { ...world.principal, activityDays: 30 };
  const { document } = await createUpload({ ...of, world: { ...world, principal: brief } }, client, 'x');
  await documents.change(brief, client, document.id, { name: 'y' }, undefined);
  await documents.remove(brief, client, document.id, undefined);
  const items = await queryAll(world.table, ranges.activity(of.companyId, client));
  const until = Math.floor(world.source.at.getTime() / 1000) + 30 * 86_400;
  const ttls = items.filter(({ action }) => String(action).startsWith('document.')).map(({ ttl }) => ttl);
  expect(ttls).toEqual([until, until, until]);
});
