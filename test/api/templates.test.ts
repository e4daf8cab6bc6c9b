import { describe, expect, inject, it, vi } from 'vitest';
import { createClient, send, signUp, signUpVerified, type TestCompany, tokenOf } from '../support/api/client.ts';
import { expectProblem, pointersOf } from '../support/api/problem.ts';

const PATIENCE = { timeout: 30_000, interval: 100 };
const text = { subject: 'Bill $invoice.number', body: 'Hello $contact.prénom,\n\n[Pay]($portal.link)' };
const put = ({ token }: TestCompany, path: string, body: object = text, headers = {}) =>
  send(`/v1/templates/${path}`, { method: 'PUT', token, body, headers });
const read = ({ token }: TestCompany, path: string) => send(`/v1/templates/${path}`, { token });

describe('templates', () => {
  it('are inherited from built-in to company to group, and overridden at each level', async () => {
    const company = await signUp();
    const { token } = company;
    const { json: group } = await send('/v1/groups', { token, body: { name: 'Key' } });
    const inGroup = `invoice/en?groupId=${group.id}`;
    expect((await read(company, inGroup)).json).toMatchObject({ source: 'built-in', version: 0, textLanguage: 'en' });
    const made = await put(company, 'invoice/en');
    expect([made.status, made.json.source, made.headers.get('etag')]).toEqual([201, 'company', '"1"']);
    const longer = { ...text, body: `${text.body}\n\nThank you.` };
    expect((await put(company, 'invoice/en', longer, { 'if-match': '"1"' })).status).toBe(200);
    expectProblem(await put(company, 'invoice/en', text, { 'if-match': '"1"' }), 'stale-version');
    const inherited = await read(company, inGroup);
    expect(inherited.json).toMatchObject({ source: 'company', subject: text.subject, version: 2 });
    const tag = inherited.headers.get('etag') ?? '';
    expect((await put(company, inGroup, { ...text, subject: 'Ours' }, { 'if-match': tag })).status).toBe(201);
    const headers = { 'if-none-match': tag };
    expect((await send(`/v1/templates/${inGroup}`, { token, headers })).json).toMatchObject({
      subject: 'Ours',
      source: 'group',
    });
    for (const path of [inGroup, 'invoice/en'])
      expect((await send(`/v1/templates/${path}`, { method: 'DELETE', token })).status).toBe(204);
    expect((await read(company, inGroup)).json.source).toBe('built-in');
    expectProblem(await send('/v1/templates/invoice/en', { method: 'DELETE', token }), 'not-found');
  });

  it('list their variables with both names and an example', async () => {
    const { token } = await signUp();
    const { status, json } = await send('/v1/templates/variables', { token });
    expect(status).toBe(200);
    expect(json.data).toContainEqual({
      name: '$client.number',
      frenchName: '$client.numéro',
      example: '0042',
      templates: expect.arrayContaining(['invitation', 'invoice']),
    });
  });

  it('of mails to staff are written, tried and removed by owners only', async () => {
    const company = await signUp();
    const admin = { ...company, token: await tokenOf(company, 'admin') };
    const own = { subject: 'S', body: 'Here: $portal.link' };
    for (const key of ['user-invitation', 'user-password-reset', 'user-email-verification']) {
      const path = `${key}/en`;
      const call = (method: string, to = path) => send(`/v1/templates/${to}`, { method, token: admin.token, body: {} });
      expectProblem(await put(admin, path, own), 'role-too-low');
      for (const answer of [
        await call('DELETE'),
        await call('POST', `${path}/preview`),
        await call('POST', `${path}/test`),
      ])
        expectProblem(answer, 'role-too-low');
      expect((await read(admin, path)).json.source).toBe('built-in');
      expect((await put(company, path, own)).status).toBe(201);
      expectProblem(await send(`/v1/templates/${path}`, { method: 'DELETE', token: admin.token }), 'role-too-low');
      expect((await send(`/v1/templates/${path}/preview`, { token: company.token, body: {} })).status).toBe(200);
    }
    expect((await put(admin, 'invitation/en', own)).status).toBe(201);
  });

  it('cannot make the link of the mail a part of another address, and cannot leave it out', async () => {
    const company = await signUp();
    const answer = await put(company, 'user-password-reset/en', {
      subject: 'S',
      body: 'Hello\n\n[Set](https://evil.example/c?u=$portal.link)',
    });
    expectProblem(answer, 'validation', ['/body']);
    expect(answer.json.errors).toMatchObject([
      { code: 'link-variable-not-alone', detail: expect.stringMatching(/^Line 3, column 32: /) },
    ]);
    const without = await put(company, 'invitation/en', { subject: 'S', body: 'Hello' });
    expect(without.json.errors).toMatchObject([{ pointer: '/body', code: 'link-missing' }]);
  });

  it('refuse unknown variables, with their line and column', async () => {
    const answer = await put(await signUp(), 'invitation/fr', {
      subject: 'Facture $facture.numéro',
      body: 'Bonjour $contact.prénom,\n\n$client.nmae [x](javascript:alert(1)) $portail.lien',
    });
    expectProblem(answer, 'validation', ['/subject', '/body', '/body']);
    expect(answer.json.errors.map(({ code }: { code: string }) => code)).toEqual([
      'variable-not-here',
      'unknown-variable',
      'link-not-allowed',
    ]);
    expect(answer.json.errors[1].detail).toMatch(/^Line 3, column 1: .*\$client\.nmae/);
  });

  it('are written by admins and read by viewers, of one company only', async () => {
    const company = await signUp();
    const [editor, viewer] = [await tokenOf(company, 'editor'), await tokenOf(company, 'viewer')];
    expectProblem(await put({ ...company, token: editor }, 'invoice/en'), 'role-too-low');
    expect((await read({ ...company, token: viewer }, 'invoice/en')).status).toBe(200);
    await put(company, 'invoice/en');
    const other = await signUp();
    expect((await read(other, 'invoice/en')).json.source).toBe('built-in');
    const { json: group } = await send('/v1/groups', { token: company.token, body: { name: 'Key' } });
    const { json: client } = { json: await createClient(company, { name: 'N', contacts: [{ firstName: 'Ada' }] }) };
    for (const path of ['', '/invoice/en']) {
      const asked = await send(`/v1/templates${path}?groupId=${group.id}`, { token: other.token });
      expectProblem(asked, 'not-found');
    }
    expectProblem(await put(other, `invoice/en?groupId=${group.id}`), 'not-found');
    const tried = await send('/v1/templates/invoice/en/preview', { token: other.token, body: { clientId: client.id } });
    expectProblem(tried, 'validation', ['/clientId']);
    for (const path of ['nothing/en', 'invoice/e', 'invoice/english!'])
      expectProblem(await read(company, path), 'not-found');
  });

  it('are previewed with a client’s data and the text of its group', async () => {
    const company = await signUp({ name: 'Northwind & Söhne' });
    const { token } = company;
    const { json: group } = await send('/v1/groups', {
      token,
      body: { name: 'Key', settings: { emailSignature: 'Key accounts\nLondon' } },
    });
    const client = await createClient(company, {
      name: '*Bäckerei* <b>',
      groupId: group.id,
      contacts: [{ firstName: 'Ada' }, { firstName: 'Ben' }],
    });
    await send('/v1/company/settings', { method: 'PATCH', token, body: { sender: { color: '#AA3300' } } });
    await put(company, `invoice/en?groupId=${group.id}`, {
      subject: 'For $client.name',
      body: 'Hello $contact.prénom',
    });
    const preview = (body: object) => send('/v1/templates/invoice/en-GB/preview', { token, body });
    const { json } = await preview({ clientId: client.id });
    expect(json.subject).toBe('For *Bäckerei* <b>');
    expect(json.text).toBe('Hello Ada\n\n-- \nKey accounts\nLondon\n');
    expect(json.html).toContain('Northwind &amp; Söhne');
    expect(json.html).toContain('#aa3300');
    const second = await preview({
      clientId: client.id,
      contactId: client.contacts[1].id,
      body: '$contact.first_name!',
    });
    expect(second.json.text).toMatch(/^Ben!/);
    expect((await preview({})).json.subject).toContain('Invoice');
    expect(pointersOf(await preview({ contactId: client.contacts[0].id, body: '$x' }))).toEqual([
      '/contactId',
      '/body',
    ]);
    const users = await send('/v1/templates/user-invitation/en/preview', { token, body: { clientId: client.id } });
    expectProblem(users, 'validation', ['/clientId']);
  });

  it('are listed in pages', async () => {
    const company = await signUp();
    await put(company, 'invoice/nl');
    const { json } = await send('/v1/templates?limit=40', company);
    expect(json.data).toHaveLength(40);
    const next = await send(`/v1/templates?limit=40&cursor=${json.nextCursor}`, company);
    expect([next.json.data.length, next.json.nextCursor]).toEqual([13, null]);
    const own = [...json.data, ...next.json.data].filter(({ source }: { source: string }) => source === 'company');
    expect(own).toMatchObject([{ key: 'invoice', language: 'nl', version: 1 }]);
  });

  it.skipIf(!inject('apiIsLocal'))('are mailed as a test, saved or not, to the calling user only', async () => {
    const company = await signUpVerified();
    const { token, email } = company;
    const client = await createClient(company, { name: 'Harbour', contacts: [{ firstName: 'Ada' }] });
    const test = (body: object, by = token, key = 'test-mail') =>
      send('/v1/templates/invoice/en/test', { token: by, body, headers: { 'idempotency-key': key } });
    const given = { clientId: client.id, subject: 'For $client.name', body: 'Hello $contact.first_name' };
    const first = await test(given);
    expect([first.status, first.json]).toEqual([202, { mailId: expect.stringMatching(/^mail_/), status: 'queued' }]);
    expect((await test(given)).json).toEqual(first.json);
    const mails = async () => {
      const { json } = await send(`/_local/mail?to=${encodeURIComponent(email)}`);
      return json.filter((mail: { text: string }) => !mail.text.includes('/verify-email#'));
    };
    await vi.waitFor(async () => expect(await mails()).toMatchObject([{ subject: 'For Harbour' }]), PATIENCE);
    expect((await mails())[0].text).toMatch(/^Hello Ada/);
    await put(company, 'invoice/en', { subject: 'Saved', body: 'Hello' });
    expect((await test({}, token, 'second')).status).toBe(202);
    await vi.waitFor(
      async () => expect(await mails()).toMatchObject([{ subject: 'For Harbour' }, { subject: 'Saved' }]),
      PATIENCE,
    );
    expectProblem(await test({ subject: '$nope' }, token, 'third'), 'validation', ['/subject']);
    expectProblem(await test({}, await tokenOf(company, 'admin')), 'no-address');
    expectProblem(await test({}, await tokenOf(company, 'editor')), 'role-too-low');
    const other = await signUp();
    expectProblem(await test({ clientId: client.id }, other.token), 'validation', ['/clientId']);
  });
});
