import { expect, vi } from 'vitest';
import { send, type TestCompany } from '../support/api/client.ts';

interface Created {
  id: string;
  contacts: { id: string }[];
}

/** Uses each permission that contacts, linked users, bulk actions and search need. */
export async function tourOfOneClient({ token, userId }: TestCompany, client: Created): Promise<void> {
  const clientPath = `/v1/clients/${client.id}`;
  const key = () => ({ 'idempotency-key': crypto.randomUUID() });
  const post = (path: string, body: object) => send(path, { token, body, headers: key() });
  const change = (path: string, method: string, body?: object) => send(path, { method, token, body });

  const { json: second } = await post(`${clientPath}/contacts`, { firstName: 'Ada', email: 'ada@tour.example' });
  const contact = `${clientPath}/contacts/${second.id}`;
  await send(contact, { token });
  await send(`${clientPath}/contacts?limit=1`, { token });
  await change(contact, 'PATCH', { email: 'other@tour.example', username: 'tour' });
  await post(`${contact}/make-primary`, {});
  await change(contact, 'DELETE');

  await change(`${clientPath}/users/${userId}`, 'PUT');
  for (const path of [
    `${clientPath}?include=users,activity`,
    `${clientPath}/users?limit=1`,
    `${clientPath}/activity?limit=1`,
    `${clientPath}/system-logs`,
  ])
    await send(path, { token });

  await send(`${clientPath}/overview`, { token });
  for (const found of ['number=0005', 'email=a@x.example', 'metadata[crm]=42', 'status=inactive,fraud', 'vatNumber=1'])
    await send(`/v1/clients?${found}`, { token });
  // A client with more rows and postings than fit into one transaction of the index.
  const tags = Array.from({ length: 50 }, (_, index) => `tag ${index}`);
  const words = Array.from({ length: 60 }, (_, index) => `w${index}`);
  const contacts = [0, 20, 40].map((from) => ({ firstName: words.slice(from, from + 20).join(' ') }));
  const { json: other } = await post('/v1/clients', { number: 'tour-2', name: 'Number two', tags, contacts });
  await change(`/v1/clients/${other.id}/users/${userId}`, 'PUT');
  const { json: group } = await post('/v1/groups', { name: 'Of the linked client' });
  const vatNumber = 'DE136695976';
  await change(`/v1/clients/${other.id}`, 'PATCH', { groupId: group.id, vatNumber });
  await change(clientPath, 'PATCH', { vatNumber });
  await change(`/v1/clients/${other.id}`, 'PATCH', { vatNumber: null });
  for (const path of [`/v1/users/${userId}/clients?limit=1`, '/v1/me/clients', `/v1/me/clients/${other.id}`])
    await send(path, { token });
  await send('/v1/activity?limit=1&actor=user&action=client.updated,client.created', { token });
  await change(`${clientPath}/users/${userId}`, 'DELETE');
  await post('/v1/clients/bulk', { action: 'archive', ids: [other.id, other.id] });
  await post('/v1/clients/bulk', { action: 'setGroup', ids: [other.id], groupId: 'grp_01JD8X3V5QZ7M2K4N6P8R0S1TA' });
  await post('/v1/clients/bulk', { action: 'addTags', ids: [other.id], tags: ['seen'] });
  await vi.waitFor(
    async () => expect((await send('/v1/clients?q=two&archived=true', { token })).json.data).toHaveLength(1),
    {
      timeout: 20_000,
      interval: 100,
    },
  );
}
