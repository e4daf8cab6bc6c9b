import { PASSWORD, send, signedInContact, type TestCompany } from '../support/api/client.ts';
import { expectProblem } from '../support/api/problem.ts';

/** Uses each permission that invitations, resets and the portal need. */
export async function tourOfPortal(company: TestCompany): Promise<void> {
  const { token, slug, email } = company;
  const post = (path: string, body: object, by?: string) =>
    send(path, { ...(by !== undefined && { token: by }), body, headers: { 'idempotency-key': crypto.randomUUID() } });

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
  await post(`${contact}/password`, {}, token);
  expectProblem(await post(`${contact}/invitation`, {}, token), 'already-active');
  await post(`${contact}/password`, { password: PASSWORD }, token);
  const { json } = await post('/v1/portal/sign-in', { company: slug, username, password: PASSWORD });
  await send('/v1/portal/me', { token: json.accessToken });
  await post('/v1/portal/refresh', { refreshToken: json.refreshToken });
  await post('/v1/portal/sign-out', { refreshToken: tokens.refreshToken }, json.accessToken);
  const contacts = [{ email: `welcome-${email}` }];
  await post('/v1/clients', { name: 'Welcome', contacts, sendWelcomeEmail: true }, token);
}
