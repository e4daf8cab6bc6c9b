import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { PASSWORD, send, signIn, signUp } from '../support/api/client.ts';
import { expectProblem, seen } from '../support/api/problem.ts';

const me = (token: string) => send('/v1/me', { token });
const signInAs = (company: string, email: string, password: string) =>
  send('/v1/auth/sign-in', { body: { company, email, password } });
const refresh = (refreshToken: string) => send('/v1/auth/refresh', { body: { refreshToken } });

function signUpBody(company: Record<string, unknown> = {}) {
  const owner = { email: `owner@${randomBytes(6).toString('hex')}.example`, name: 'Olive Owner', password: PASSWORD };
  return { company: { name: 'Café du Nord', currency: 'EUR', ...company }, owner };
}

describe('sign-up', () => {
  it('sign-up answers with the company, its owner and their location', async () => {
    const slug = `test-${randomBytes(6).toString('hex')}`;
    const body = signUpBody({ slug, language: 'fr', country: 'FR', timezone: 'Europe/Paris' });
    const answer = await send('/v1/companies', { body });
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/v1/company');
    const times = { createdAt: expect.stringMatching(/Z$/), updatedAt: expect.stringMatching(/Z$/), version: 1 };
    expect(answer.json).toEqual({
      company: { id: expect.stringMatching(/^co_/), ...body.company, mailVerifiedAt: null, ...times },
      user: {
        emailStatus: { status: 'ok', since: null },
        id: expect.stringMatching(/^usr_/),
        email: body.owner.email,
        name: 'Olive Owner',
        role: 'owner',
        status: 'active',
        ...times,
      },
    });
  });

  it('sign-up derives the slug from the name and fills in defaults', async () => {
    const answers = [
      await send('/v1/companies', { body: signUpBody() }),
      await send('/v1/companies', { body: signUpBody() }),
    ];
    const slugs = answers.map(({ json }) => json.company.slug);
    for (const slug of slugs) expect(slug).toMatch(/^cafe-du-nord(-[0-9a-f]{6})?$/);
    expect(new Set(slugs).size).toBe(2);
    expect(answers[0]?.json.company).toMatchObject({ language: 'en', country: null, timezone: 'UTC' });
  });

  it('a slug belongs to one company, even when many sign up with it at once', async () => {
    const slug = `test-${randomBytes(6).toString('hex')}`;
    const answers = await Promise.all([1, 2, 3].map(() => send('/v1/companies', { body: signUpBody({ slug }) })));
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(2);
    for (const answer of refused) expectProblem(answer, 'slug-taken', ['/company/slug']);
  });

  it('sign-up names every invalid field at once', async () => {
    const body = {
      company: { name: ' ', slug: 'A', currency: 'XXX', language: '!', country: 'UK', timezone: 'Mars/One', colour: 1 },
      owner: { email: 'nobody', password: 'short' },
    };
    const pointers = ['name', 'slug', 'currency', 'language', 'country', 'timezone', 'colour'].map(
      (key) => `/company/${key}`,
    );
    const answer = await send('/v1/companies', { body });
    expectProblem(answer, 'validation', [...pointers, '/owner/email', '/owner/name', '/owner/password']);
  });
});

describe('sign-in', () => {
  it('sign-in answers with working tokens', async () => {
    const { slug, email, id } = await signUp();
    const { json, status } = await signInAs(slug, email, PASSWORD);
    expect(status).toBe(200);
    expect(json).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      deviceToken: expect.stringMatching(/^cld_/),
      tokenType: 'Bearer',
      expiresIn: expect.any(Number),
    });
    expect((await me(json.accessToken)).json.company.id).toBe(id);
  });

  it('sign-in ignores the case of the e-mail address', async () => {
    const { slug, email } = await signUp();
    expect((await signInAs(slug, email.toUpperCase(), PASSWORD)).status).toBe(200);
  });

  it('sign-in fails in the same way for a wrong password, an unknown address and an unknown company', async () => {
    const { slug, email } = await signUp();
    const wrong = await signInAs(slug, email, 'not the password');
    expectProblem(wrong, 'sign-in-failed');
    expect(wrong.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(seen(await signInAs(slug, 'nobody@else.example', 'not the password'))).toEqual(seen(wrong));
    expect(seen(await signInAs(`${slug}-x`, email, PASSWORD))).toEqual(seen(wrong));
  });

  it('five failed sign-ins lock an account, existing or not, even for the right password', async () => {
    const { slug, email, token } = await signUp();
    const attack = async (address: string) => {
      for (let attempt = 1; attempt <= 5; attempt++)
        expectProblem(
          await signInAs(slug, attempt === 2 ? address.toUpperCase() : address, `guess ${attempt}`),
          'sign-in-failed',
        );
      const refused = await signInAs(slug, address, PASSWORD);
      expectProblem(refused, 'too-many-attempts');
      const seconds = Number(refused.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      return refused.text.replaceAll(refused.json.instance, '');
    };
    expect(await attack(email)).toBe(await attack('nobody@else.example'));
    expect((await me(token)).status).toBe(200);
  });

  it('a successful sign-in resets the count of failures', async () => {
    const { slug, email } = await signUp();
    for (let round = 1; round <= 2; round++) {
      for (let attempt = 1; attempt <= 4; attempt++) expect((await signInAs(slug, email, 'a guess')).status).toBe(401);
      expect((await signInAs(slug, email, PASSWORD)).status).toBe(200);
    }
  });
});

describe('refresh', () => {
  it('a refresh rotates the token, and reuse of a spent token ends the session', async () => {
    const { refreshToken } = await signUp();
    const second = await refresh(refreshToken);
    expect(second.status).toBe(200);
    expect(second.json.refreshToken).not.toBe(refreshToken);
    expect((await me(second.json.accessToken)).status).toBe(200);

    expectProblem(await refresh(refreshToken), 'unauthenticated');
    expectProblem(await me(second.json.accessToken), 'unauthenticated');
    expectProblem(await refresh(second.json.refreshToken), 'unauthenticated');
  });

  it('a refresh refuses anything that is not a refresh token', async () => {
    const { token, refreshToken } = await signUp();
    for (const bad of ['', 'clr_', token, `${refreshToken}x`, `${refreshToken.slice(0, -2)}AA`])
      expectProblem(await refresh(bad), 'unauthenticated');
  });
});

describe('sign-out', () => {
  it('sign-out ends access and refresh of its own session at once, and no other session', async () => {
    const { slug, email, token, refreshToken } = await signUp();
    const other = await signIn(slug, email);
    expect((await send('/v1/auth/sign-out', { method: 'POST', token })).status).toBe(204);
    expectProblem(await me(token), 'unauthenticated');
    expectProblem(await refresh(refreshToken), 'unauthenticated');
    expect((await me(other.accessToken)).status).toBe(200);
  });

  it('sign-out also ends the session of the given refresh token if it is of the same user', async () => {
    const company = await signUp();
    const stranger = await signUp();
    const other = await signIn(company.slug, company.email);
    const signOut = (token: string, refreshToken: string) =>
      send('/v1/auth/sign-out', { token, body: { refreshToken } });
    expect((await signOut(stranger.token, other.refreshToken)).status).toBe(204);
    expect((await me(other.accessToken)).status).toBe(200);
    expect((await signOut(company.token, other.refreshToken)).status).toBe(204);
    expectProblem(await me(other.accessToken), 'unauthenticated');
  });
});

describe('password change', () => {
  const NEXT = 'a much better passphrase';
  const change = (token: string, currentPassword: string, newPassword: string) =>
    send('/v1/me/password', { token, body: { currentPassword, newPassword } });

  it('a password change ends all other sessions and keeps its own', async () => {
    const { slug, email, token } = await signUp();
    const other = await signIn(slug, email);
    expect((await change(token, PASSWORD, NEXT)).status).toBe(204);
    expect((await me(token)).status).toBe(200);
    expectProblem(await me(other.accessToken), 'unauthenticated');
    expectProblem(await refresh(other.refreshToken), 'unauthenticated');
    expectProblem(await signInAs(slug, email, PASSWORD), 'sign-in-failed');
    expect((await signInAs(slug, email, NEXT)).status).toBe(200);
  });

  it('a password change needs the current password, and counts towards the lock', async () => {
    const { token } = await signUp();
    for (let attempt = 1; attempt <= 5; attempt++)
      expectProblem(await change(token, 'a guess', NEXT), 'wrong-password');
    const locked = await change(token, PASSWORD, NEXT);
    expectProblem(locked, 'too-many-attempts');
    expect(locked.headers.has('retry-after')).toBe(true);
  });
});

describe('access tokens', () => {
  it('malformed, altered and foreign access tokens are refused', async () => {
    const { token, refreshToken } = await signUp();
    const { token: foreign } = await signUp();
    const secretOf = (whole: string) => whole.slice(whole.lastIndexOf('.') + 1);
    const withoutSecret = token.slice(0, token.lastIndexOf('.'));
    const bad = [
      'garbage',
      withoutSecret,
      `${withoutSecret}.`,
      `${withoutSecret}.${secretOf(foreign)}`,
      `${withoutSecret}.${secretOf(refreshToken)}`,
      `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`,
      `${token}x`,
      refreshToken,
      refreshToken.replace('clr_', 'cla_'),
      token.replace('cla_', 'cpa_'),
    ];
    for (const one of bad) {
      const answer = await me(one);
      expectProblem(answer, 'unauthenticated');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    expect((await me(token)).status).toBe(200);
  });

  it('a refresh leaves the access tokens of the session valid, and a sign-out ends them all', async () => {
    const { token, refreshToken } = await signUp();
    const { json } = await send('/v1/auth/refresh', { body: { refreshToken } });
    for (const access of [token, json.accessToken]) expect((await me(access)).status).toBe(200);
    await send('/v1/auth/sign-out', { method: 'POST', token });
    for (const access of [token, json.accessToken]) expectProblem(await me(access), 'unauthenticated');
  });

  it('access tokens are accepted in a Bearer header only', async () => {
    const { token } = await signUp();
    const authorized = async (authorization: string) => (await send('/v1/me', { headers: { authorization } })).status;
    expect(await authorized(`bearer ${token}`)).toBe(200);
    for (const header of [token, `Basic ${token}`, `Bearer${token}`, 'Bearer', `Bearer ${token} x`])
      expect(await authorized(header)).toBe(401);
    expect((await send('/v1/me')).status).toBe(401);
  });
});
