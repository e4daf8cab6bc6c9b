import { PASSWORD, send, signedInContact, type TestCompany } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

/** Uses each permission that invitations, resets and the portal need. */
export async function tourOfPortal(company: TestCompany): Promise<void> {
  const { token, slug, email } = company;
  const post = (path: string, body: object, by?: string) =>
    send(path, { ...(by !== undefined && { token: by }), body, headers: { 'idempotency-key': crypto.randomUUID() } });

  const put = (path: string, body: object) => send(path, { method: 'PUT', token, body });

  const user = await post('/v1/users', { email: `invited-${email}`, name: 'Uma', role: 'viewer' }, token);
  await post(`/v1/users/${user.json.id}/invitation`, {}, token);
  const link = { company: slug, token: 'A'.repeat(43), password: PASSWORD };
  for (const path of ['/v1/auth/invitation/accept', '/v1/auth/password-reset/confirm', '/v1/portal/invitation/accept'])
    expectProblem(await post(path, link), 'link-invalid');
  await post('/v1/auth/password-reset', { company: slug, email });
  for (const company of [slug, 'no-such-company']) await post('/v1/auth/email-verification', { company, email });
  const confirmation = { company: slug, token: link.token };
  expectProblem(await post('/v1/auth/email-verification/confirm', confirmation), 'link-invalid');

  const { clientId, id, username, tokens } = await signedInContact(company);
  const contact = `/v1/clients/${clientId}/contacts/${id}`;
  await put(`${contact}/password`, {});
  expectProblem(await post(`${contact}/invitation`, {}, token), 'already-active');
  await put(`${contact}/password`, { password: PASSWORD });
  const { json } = await post('/v1/portal/sign-in', { company: slug, username, password: PASSWORD });
  await send('/v1/portal/me', { token: json.accessToken });
  await post('/v1/portal/refresh', { refreshToken: json.refreshToken });
  await post('/v1/portal/sign-out', { refreshToken: tokens.refreshToken }, json.accessToken);
  expectProblem(await post('/v1/portal/link/accept', { company: slug, token: link.token }), 'link-invalid');
  for (const more of [{}, { password: PASSWORD }]) {
    const { json: made } = await post(`${contact}/portal-link`, {}, token);
    await post('/v1/portal/link/accept', { company: slug, token: made.token, ...more });
  }
  const wrong = { company: slug, username, password: 'wrong' };
  for (let tries = 1; tries <= 5; tries++) expectProblem(await post('/v1/portal/sign-in', wrong), 'sign-in-failed');

  const account = { generate: true };
  const both = [
    { email: `generated-${email}`, account },
    { email: `invited-as-${email}`, account: { invite: true } },
  ];
  const { json: opened } = await post('/v1/clients', { name: 'Accounts', contacts: both }, token);
  await post(`/v1/clients/${opened.id}/contacts`, { email: `also-${email}`, account }, token);
  const contacts = [{ email: `welcome-${email}` }];
  await post('/v1/clients', { name: 'Welcome', contacts, sendWelcomeEmail: true }, token);
}
