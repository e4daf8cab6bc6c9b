import { describe, expect, inject, it } from 'vitest';
import { createClient, send, signUp } from '../support/api/client.ts';
import { expectProblem, seen } from '../support/api/problem.ts';
import { verificationToken } from '../support/verify-owner.ts';

const request = (company: string, email: string) => send('/v1/auth/email-verification', { body: { company, email } });
const confirm = (company: string, token: string) =>
  send('/v1/auth/email-verification/confirm', { body: { company, token } });

describe('a company whose owner has not verified the address', () => {
  it('can do everything but send mail to others, and is told what to do', async () => {
    const company = await signUp();
    const { token } = company;
    const client = await createClient(company, { name: 'N', contacts: [{ email: 'ada@x.example' }] });
    const invitation = `/v1/clients/${client.id}/contacts/${client.contacts[0].id}/invitation`;
    const welcome = { name: 'W', contacts: [{ email: 'ben@x.example' }], sendWelcomeEmail: true };
    const refused = [
      await send(invitation, { token, body: {} }),
      await send('/v1/clients', { token, body: welcome }),
      await send('/v1/users', { token, body: { email: 'uma@x.example', name: 'Uma', role: 'viewer' } }),
      await send('/v1/templates/invoice/en/test', { token, body: {} }),
    ];
    for (const answer of refused) {
      expectProblem(answer, 'email-not-verified');
      expect(answer.json.detail).toContain('/v1/auth/email-verification');
    }
    expect((await send('/v1/users', { token })).json.data).toHaveLength(1);
    expect((await send('/v1/clients?archived=any', { token })).json.data).toHaveLength(1);
    const { json } = await send(`/v1/clients/${client.id}`, { token });
    expect(json.contacts[0].portal.status).toBe('none');
  });
});

describe('the verification of an address', () => {
  it('can be requested by anybody, with the same answer', async () => {
    const { slug, email } = await signUp();
    const known = await request(slug, email);
    expect(known.status).toBe(202);
    expect(seen(await request(slug, 'nobody@else.example'))).toEqual(seen(known));
    expect(seen(await request('no-such-company', email))).toEqual(seen(known));
    expectProblem(await confirm(slug, 'A'.repeat(43)), 'link-invalid');
  });

  it.skipIf(!inject('inboxIsOpen'))('takes the mailed link, once, and then the company sends mail', async () => {
    const company = await signUp();
    const { slug, email, token } = company;
    const read = () => send('/v1/company', { token });
    const before = await read();
    expect([before.json.mailVerifiedAt, before.headers.get('etag')]).toEqual([null, '"1"']);
    const secret = await verificationToken(inject('apiUrl'), slug, email);
    expectProblem(await confirm((await signUp()).slug, secret), 'link-invalid');
    expect((await confirm(slug, secret)).status).toBe(204);
    const after = await read();
    expect([after.json.mailVerifiedAt, after.headers.get('etag')]).toEqual([expect.stringMatching(/Z$/), '"2"']);
    expectProblem(await confirm(slug, secret), 'link-invalid');
    const person = { email: `uma@${slug}.example`, name: 'Uma', role: 'viewer' };
    expect((await send('/v1/users', { token, body: person })).status).toBe(201);
  });
});
