import { expect, vi } from 'vitest';
import { send, type TestCompany } from '../support/api/client.ts';

const PATIENCE = { timeout: 30_000, interval: 100 };

/** Lets mail bounce, be suppressed and be sent again. */
export async function tourOfMail({ token, userId }: TestCompany): Promise<void> {
  const post = (path: string, body: object) =>
    send(path, { token, body, headers: { 'idempotency-key': crypto.randomUUID() } });
  const { json: client } = await post('/v1/clients', {
    number: 'tour-mail',
    name: 'Unreachable',
    contacts: [{ email: 'bounce+tour@simulator.amazonses.com' }],
    sendWelcomeEmail: true,
  });
  const contact = `/v1/clients/${client.id}/contacts/${client.contacts[0].id}`;
  await vi.waitFor(
    async () => expect((await send(contact, { token })).json.emailStatus.status).toBe('bounced'),
    PATIENCE,
  );
  await post(`${contact}/invitation`, {});
  const failed = await vi.waitFor(async () => {
    const { json } = await send(`/v1/clients/${client.id}/system-logs?outcome=failure`, { token });
    const entry = json.data.find(({ event }: { event: string }) => event === 'mail.failed');
    expect(entry).toBeDefined();
    return entry.id;
  }, PATIENCE);
  await send(`${contact}/suppression`, { method: 'DELETE', token });
  await send(`/v1/users/${userId}/suppression`, { method: 'DELETE', token });
  const invited = { email: 'bounce+user@simulator.amazonses.com', name: 'Unreachable', role: 'viewer' };
  const { json: user } = await post('/v1/users', invited);
  await vi.waitFor(async () => {
    const { json } = await send(`/v1/users/${user.id}`, { token });
    expect(json.emailStatus.status).toBe('bounced');
  }, PATIENCE);
  await send(`/v1/users/${user.id}/suppression`, { method: 'DELETE', token });
  await post(`/v1/system-logs/${failed}/retry`, {});
  await send('/v1/system-logs?limit=1&category=mail', { token });
}
