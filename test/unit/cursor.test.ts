import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorSealer } from '../../lib/http/cursor.ts';

const source = { now: () => new Date(), random: (bytes: number) => new Uint8Array(randomBytes(bytes)) };
const sealer = cursorSealer(async () => 'a secret of the installation', source);
const context = {
  companyId: 'co_1',
  caller: 'usr_1',
  operationId: 'listClients',
  path: '/v1/clients',
  query: { sort: 'name', limit: '50' },
};
const position = { PK: 'co_1#cli_1', SK: 'P#CLIENT', nameOrder: 'ada#cli_1' };

async function sealed(): Promise<string> {
  const cursor = await sealer(context).seal(position);
  if (cursor === null) throw new Error('no cursor');
  return cursor;
}

describe('cursors', () => {
  it('a cursor is opened to the position that it was sealed from, whatever the page size', async () => {
    const cursor = await sealed();
    const again = sealer({ ...context, query: { sort: 'name', limit: '10', cursor } });
    expect(await again.open(cursor)).toEqual(position);
  });

  it('a cursor does not reveal its position', async () => {
    expect(Buffer.from(await sealed(), 'base64url').toString('latin1')).not.toContain('ada');
  });

  it.each([
    ['company', { ...context, companyId: 'co_2' }],
    ['caller', { ...context, caller: 'usr_2' }],
    ['list', { ...context, operationId: 'listUsers' }],
    ['record', { ...context, path: '/v1/clients/cli_1/contacts' }],
    ['sort order', { ...context, query: { sort: '-name' } }],
    ['filter', { ...context, query: { sort: 'name', status: 'fraud' } }],
  ])('are refused for another %s', async (_what, other) => {
    await expect(sealer(other).open(await sealed())).rejects.toMatchObject({ code: 'bad-cursor' });
  });

  it('a cursor with a flipped bit is refused', async () => {
    const bytes = Buffer.from(await sealed(), 'base64url');
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: bytes.length * 8 - 1 }), async (bit) => {
        const forged = Buffer.from(bytes);
        forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        await expect(sealer(context).open(forged.toString('base64url'))).rejects.toMatchObject({ code: 'bad-cursor' });
      }),
    );
  });

  it('any other text is refused as a cursor', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), async (text) => {
        await expect(sealer(context).open(text)).rejects.toMatchObject({ code: 'bad-cursor' });
      }),
    );
  });

  it('the last page has no cursor', async () => {
    expect(await sealer(context).seal(undefined)).toBeNull();
    expect(await sealer(context).open(undefined)).toBeUndefined();
  });
});
