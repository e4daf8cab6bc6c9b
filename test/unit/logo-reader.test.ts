import { expect, it } from 'vitest';
import { logoReader } from '../../lib/logo/reader.ts';
import { CompanyId, LogoId } from '../../lib/shared/ids.ts';

const company = CompanyId.parse('co_01JD8X3V5QZ7M2K4N6P8R0S1TA');
const refOf = (index: number) => ({
  company,
  id: LogoId.parse(`logo_01JD8X3V5QZ7M2K4N6P8R0S1${String(index).padStart(2, '0')}`),
});

/** A reader with a storage of which each call is recorded, and fails while it is down. */
function reader() {
  const state = { isDown: false, opened: 0, calls: [] as string[] };
  const read = logoReader(async () => {
    state.opened++;
    return {
      async getBytes(key, versionId) {
        state.calls.push(`${key} ${versionId}`);
        if (state.isDown) throw new Error('down');
        return new Uint8Array([state.calls.length]);
      },
    };
  });
  return { read, state };
}

it('a logo is read once for all its mails, and each new version is read again', async () => {
  const { read, state } = reader();
  expect(state.opened).toBe(0);
  for (let times = 0; times < 3; times++) expect(await read(refOf(1), 'a')).toEqual(new Uint8Array([1]));
  expect(await read(refOf(1), 'b')).toEqual(new Uint8Array([2]));
  const key = `logos/${company}/${refOf(1).id}`;
  expect(state.calls).toEqual([`${key} a`, `${key} b`]);
});

it('a failure is not kept', async () => {
  const { read, state } = reader();
  state.isDown = true;
  await expect(read(refOf(1), 'a')).rejects.toThrow('down');
  state.isDown = false;
  expect(await read(refOf(1), 'a')).toEqual(new Uint8Array([2]));
});

it('a process keeps the twenty logos that it read last', async () => {
  const { read, state } = reader();
  for (let index = 0; index <= 20; index++) await read(refOf(index), 'a');
  expect(state.calls).toHaveLength(21);
  await read(refOf(20), 'a');
  expect(state.calls).toHaveLength(21);
  await read(refOf(0), 'a');
  expect(state.calls).toHaveLength(22);
});
