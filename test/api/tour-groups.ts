import { expect, vi } from 'vitest';
import { send } from '../support/api/client.ts';

/** Uses each permission that groups, pricings, items and the cascade need. */
export async function tourOfGroups(token: string): Promise<void> {
  const make = async (path: string, body: object) => (await send(path, { token, body })).json.id;
  const remove = (path: string) => send(path, { method: 'DELETE', token });
  const euros = { amount: 100, currency: 'EUR' };
  const [group, pricing, item] = [
    await make('/v1/groups', { name: 'Tour' }),
    await make('/v1/pricings', { name: 'Tour' }),
    await make('/v1/items', { name: 'Tour' }),
  ];
  await remove(`/v1/groups/${await make('/v1/groups', { name: 'Empty' })}`);
  const price = `/v1/pricings/${pricing}/prices/${item}`;
  await send(price, { method: 'PUT', token, body: { price: euros } });
  await remove(price);
  await send(price, { method: 'PUT', token, body: { price: euros } });
  const client = await make('/v1/clients', { name: 'Tour', groupId: group });
  await send(`/v1/clients/${client}/settings`, { token });
  await send(`/v1/clients/${client}/settings`, { method: 'PATCH', token, body: { language: 'fr' } });
  const preview = { clientNumber: { pattern: '{group}{counter}', reset: 'never' } };
  const headers = { 'idempotency-key': 'tour-of-groups' };
  await send('/v1/company/settings/number-preview', { token, body: preview, headers });
  await send('/v1/groups', { token, body: { name: 'Kept' }, headers: { 'idempotency-key': 'tour-of-the-groups' } });
  await send('/v1/pricings', { token, body: { name: 'Kept' }, headers: { 'idempotency-key': 'tour-of-pricings' } });
  const define = (custom1: object | null, query = '') =>
    send(`/v1/company/settings${query}`, { method: 'PATCH', token, body: { customFields: { client: { custom1 } } } });
  await define({ label: 'Tier', kind: 'text' });
  await make('/v1/clients', { name: 'Tour', customFields: { custom1: 'gold' } });
  await define(null);
  await define(null, '?force=true');
  for (const path of ['/v1/groups?limit=1', '/v1/pricings?limit=1', '/v1/groups/report', '/v1/items'])
    await send(path, { token });
  await remove(`/v1/items/${item}`);
  await remove(`/v1/items/${item}?force=true`);
  await remove(`/v1/pricings/${pricing}`);
  await remove(`/v1/groups/${group}`);
  await vi.waitFor(async () => expect((await send(`/v1/groups/${group}`, { token })).status).toBe(404), {
    timeout: 30_000,
    interval: 100,
  });
}
