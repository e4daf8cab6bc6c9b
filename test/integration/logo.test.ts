import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logoKey } from '../../lib/logo/object-key.ts';
import { LogoId, mintId } from '../../lib/shared/ids.ts';
import type { Table } from '../../lib/table/client.ts';
import { arrivals, type DocumentWorld, documentWorld } from '../support/document-world.ts';
import { killedAt, wrapMethods } from '../support/killed.ts';
import { type LogoWorld, logoWorld } from '../support/logo-world.ts';
import { jpegOf, pngOf } from '../support/pictures.ts';
import { freshTable } from '../support/table.ts';

let table: Table;
let docs: DocumentWorld;
let logos: LogoWorld;

beforeAll(async () => {
  ({ table } = await freshTable());
});
// A company of its own for each test.
beforeEach(async () => {
  docs = await documentWorld(table);
  logos = logoWorld(docs);
  return () => docs.stop();
});

const read = () => logos.logo.read(docs.companyId);
const versionsOf = (id: LogoId) => docs.storage.listVersions(logoKey({ company: docs.companyId, id }));
const removeAll = async () => {
  for (const id of await logos.removals()) await logos.removal()({ company: docs.companyId, id: LogoId.parse(id) });
};

describe('a picture that arrives', () => {
  it('becomes the logo once it was checked, and is downloaded unchanged', async () => {
    const bytes = jpegOf(480, 128);
    const id = await logos.send(bytes, { contentType: 'image/jpeg' });
    await expect(read()).rejects.toMatchObject({ code: 'not-found' });
    await logos.receive();
    const logo = await read();
    expect(logo).toMatchObject({
      id,
      ...{ contentType: 'image/jpeg', width: 480, height: 128, size: bytes.length, version: 1 },
    });
    const answer = await fetch(logo.url);
    expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true);
    expect(answer.headers.get('content-type')).toBe('image/jpeg');
    expect(Date.parse(logo.urlExpiresAt) - docs.world.source.at.getTime()).toBeLessThanOrEqual(300_000);
    expect(await logos.logged()).toEqual([
      `logo.received success: The logo has arrived: 480 × 128 pixels, ${bytes.length} bytes.`,
    ]);
  });

  it.each([
    ['something else', Buffer.from('<svg width="100" height="100"/>'), 'it is no PNG'],
    ['another format', jpegOf(100, 40), 'it is no PNG'],
    ['too big', pngOf(2001, 100), 'it has 2001 × 100 pixels, and each side must have 16 to 2000'],
    ['cut off', pngOf(100, 40).subarray(0, -20), 'its end is missing'],
  ])('is refused with the reason and removed if it is %s; the logo stays', async (_, bytes, fault) => {
    const present = await logos.send();
    await logos.receive();
    const id = await logos.send(bytes);
    await logos.receive();
    expect(await read()).toMatchObject({ id: present, version: 1 });
    expect(await logos.removals()).toEqual([id]);
    await removeAll();
    expect(await versionsOf(id)).toEqual([]);
    expect(await versionsOf(present)).toHaveLength(1);
    expect((await logos.logged()).slice(1).sort()).toEqual([
      `logo.refused failure: The picture that was uploaded as the logo was refused: ${fault}.`,
      'logo.removed success: A picture that is not the logo was removed with every version of its bytes.',
    ]);
  });

  it('replaces the logo, whose bytes are removed', async () => {
    const first = await logos.send();
    await logos.receive();
    const second = await logos.send(pngOf(200, 50));
    await logos.receive();
    expect(await read()).toMatchObject({ id: second, width: 200, version: 2 });
    expect(await logos.removals()).toEqual([first]);
    await removeAll();
    expect(await versionsOf(first)).toEqual([]);
    expect(await versionsOf(second)).toHaveLength(1);
    expect(await logos.removals()).toEqual([]);
  });

  it('of two, the one that was requested last is the logo, in whatever order they arrive and however often', async () => {
    const [older, newer] = [await logos.send(), await logos.send(pngOf(200, 50))];
    const [first, second] = arrivals(docs);
    if (!first || !second) throw new Error('two pictures were sent');
    for (const arrival of [second, first, second, first]) await logos.receipt()(arrival);
    expect(await read()).toMatchObject({ id: newer, version: 1 });
    expect(await versionsOf(older)).toEqual([]);
    await removeAll();
    for (const arrival of [first, second]) await logos.receipt()(arrival);
    expect(await read()).toMatchObject({ id: newer, version: 1 });
    expect((await logos.logged()).filter((entry) => entry.startsWith('logo.refused'))).toEqual([
      'logo.refused failure: The picture that was uploaded as the logo was refused: one that was requested later has arrived before.',
    ]);
  });

  it('stays deleted, although its event is repeated', async () => {
    await logos.send();
    const [arrival] = arrivals(docs);
    if (!arrival) throw new Error('nothing arrived');
    await logos.receipt()(arrival);
    await logos.logo.remove(docs.companyId, undefined);
    await logos.receipt()(arrival);
    await expect(read()).rejects.toMatchObject({ code: 'not-found' });
    expect(await docs.storage.listVersions(arrival.key)).toEqual([]);
  });

  it('is deleted if nobody awaits it', async () => {
    const { source } = docs.world;
    const id = await logos.send();
    source.at = new Date(source.at.getTime() + 25 * 3600_000);
    await logos.receive();
    await expect(read()).rejects.toMatchObject({ code: 'not-found' });
    expect(await versionsOf(id)).toEqual([]);
    const strange = `logos/${docs.companyId}/${mintId(LogoId, 'logo', source)}/x`;
    const deleted: string[] = [];
    const storage = { ...docs.storage, deleteVersion: async (key: string) => void deleted.push(key) };
    await logos.receipt({ logos: logos.repository, storage })({ key: strange, versionId: 'v', at: source.now() });
    expect(deleted).toEqual([strange]);
  });

  it.each(['before', 'after'] as const)('ends the same whichever call the function is killed %s', async (when) => {
    const kill = async (bytes: Buffer<ArrayBuffer>) => {
      await logos.send(bytes);
      const [arrival] = arrivals(docs);
      if (!arrival) throw new Error('nothing arrived');
      for (let call = 1; call < 10; call++) {
        const wrap = killedAt({ call, when });
        const parts = { logos: wrapMethods(logos.repository, wrap), storage: wrapMethods(docs.storage, wrap) };
        await logos
          .receipt(parts)(arrival)
          .catch(() => undefined);
      }
    };
    await kill(pngOf(100, 40));
    await kill(pngOf(120, 40));
    expect(await read()).toMatchObject({ width: 120, version: 2 });
    await kill(Buffer.from('no picture'));
    expect(await read()).toMatchObject({ width: 120, version: 2 });
    const events = (await logos.logged()).map((entry) => entry.split(' ')[0]);
    expect(events).toEqual(['logo.received', 'logo.received', 'logo.refused']);
    expect(await logos.removals()).toHaveLength(2);
  });

  it('many at once leave one logo, and the removal of all others', async () => {
    const ids: LogoId[] = [];
    for (let count = 0; count < 6; count++) ids.push(await logos.send());
    await Promise.all(arrivals(docs).map((arrival) => logos.receipt()(arrival)));
    expect(await read()).toMatchObject({ id: ids.at(-1) });
    await removeAll();
    const left = [];
    for (const id of ids) left.push((await versionsOf(id)).length);
    expect(left).toEqual([0, 0, 0, 0, 0, 1]);
  });
});

describe('a deletion', () => {
  it('takes the logo away at once, and its bytes afterwards; versions go on', async () => {
    const id = await logos.send();
    await logos.receive();
    await expect(logos.logo.remove(docs.companyId, [2])).rejects.toMatchObject({ code: 'stale-version' });
    await logos.logo.remove(docs.companyId, [1]);
    await expect(read()).rejects.toMatchObject({ code: 'not-found' });
    await expect(logos.logo.remove(docs.companyId, undefined)).rejects.toMatchObject({ code: 'not-found' });
    await removeAll();
    expect(await versionsOf(id)).toEqual([]);
    await logos.send();
    await logos.receive();
    expect(await read()).toMatchObject({ version: 3 });
  });

  it('is retried while S3 fails, and the system log has its last outcome', async () => {
    const id = await logos.send();
    await logos.receive();
    await logos.logo.remove(docs.companyId, undefined);
    const ref = { company: docs.companyId, id };
    const storage = { ...docs.storage, listVersions: () => Promise.reject(new Error('S3 is down')) };
    await expect(logos.removal({ logos: logos.repository, storage })(ref)).rejects.toThrow('S3 is down');
    // Entries of one moment have no order.
    const removals = async () => (await logos.logged()).filter((entry) => entry.startsWith('logo.removed'));
    expect(await removals()).toEqual([expect.stringMatching(/^logo.removed failure: .* could not be removed yet/)]);
    for (let times = 0; times < 2; times++) await logos.removal()(ref);
    expect(await removals()).toEqual([expect.stringMatching(/^logo.removed success/)]);
    expect(await versionsOf(id)).toEqual([]);
  });
});
