import { send, type TestCompany } from '../support/api/client.ts';

/** Uses each permission that the texts of mails need. */
export async function tourOfTemplates({ token }: TestCompany, client: { id: string }): Promise<void> {
  const text = { subject: 'Bill', body: 'Hello' };
  const { json: group } = await send('/v1/groups', { token, body: { name: 'Texts' } });
  for (const path of ['/v1/templates/invoice/nl', `/v1/templates/invoice/nl?groupId=${group.id}`]) {
    await send(path, { method: 'PUT', token, body: text });
    await send(path, { method: 'PUT', token, body: { ...text, subject: 'Your bill' } });
    await send(path, { token });
  }
  for (const query of ['limit=3', `limit=3&groupId=${group.id}`]) await send(`/v1/templates?${query}`, { token });
  await send('/v1/templates/variables', { token });
  const headers = { 'idempotency-key': 'tour-of-templates' };
  await send('/v1/templates/invoice/nl/preview', { token, body: { clientId: client.id }, headers });
  await send('/v1/templates/invoice/nl/test', { token, body: { clientId: client.id }, headers });
  await send('/v1/templates/invoice/nl', { method: 'DELETE', token });
}
