import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { asciiAddress, buildMime, type MimeParts } from '../../lib/mail/mime.ts';
import { retryDelay } from '../../lib/mail/sender.ts';

const message: MimeParts = {
  from: { name: 'Northwind', address: 'no-reply@clientele.example' },
  to: { name: 'Ada', address: 'ada@northwind.example' },
  replyTo: null,
  subject: 'Hello',
  html: '<p>Hello</p>',
  text: 'Hello',
  date: new Date('2026-03-04T10:00:00Z'),
  headers: { 'Auto-Submitted': 'auto-generated' },
};

const read = async (changed: Partial<MimeParts>) => {
  const raw = await buildMime({ ...message, ...changed });
  return { raw: Buffer.from(raw).toString('latin1'), mail: await PostalMime.parse(raw) };
};
const headersOf = (raw: string) =>
  raw
    .slice(0, raw.indexOf('\r\n\r\n'))
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n');
const namesOf = (raw: string) => headersOf(raw).map((line) => line.slice(0, line.indexOf(':')).toLowerCase());

describe('a MIME message', () => {
  it('has a picture beside the HTML that shows it, and not among the files to save', async () => {
    const picture = { contentId: 'logo_1@n.example', fileName: 'logo.png', contentType: 'image/png' };
    const bytes = new Uint8Array([0x89, 0x50, 0, 255]);
    const html = '<img src="cid:logo_1@n.example">';
    const { raw, mail } = await read({ html, picture: { ...picture, bytes } });
    expect([...raw.matchAll(/^Content-Type: ([^;\r]+)/gm)].map(([, type]) => type)).toEqual([
      'multipart/alternative',
      'text/plain',
      'multipart/related',
      'text/html',
      'image/png',
    ]);
    const [attachment, ...others] = mail.attachments;
    expect(others).toEqual([]);
    expect(attachment).toMatchObject({
      contentId: '<logo_1@n.example>',
      mimeType: 'image/png',
      disposition: 'inline',
      related: true,
    });
    expect(raw).toContain(Buffer.from(bytes).toString('base64'));
    expect(mail.html?.trim()).toBe(html);
  });

  it('has exactly its headers, whatever its names and subject contain', async () => {
    const usual = namesOf((await read({ replyTo: 'a@b.example' })).raw).toSorted();
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(
          fc.constantFrom(
            '\r',
            '\n',
            '\r\n',
            '\u2028',
            '\u0000',
            'Bcc: x@evil.example',
            ' ',
            '"',
            '<',
            '>',
            ',',
            ':',
            '=?UTF-8?Q?=0D=0ABcc:?=',
            'علي',
            '\u202e',
          ),
          { maxLength: 30 },
        )
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, async (from, to, subject) => {
        const { raw, mail } = await read({
          from: { ...message.from, name: from },
          to: { ...message.to, name: to },
          replyTo: 'a@b.example',
          subject,
        });
        // An empty subject has no header.
        expect(new Set([...namesOf(raw), 'subject'])).toEqual(new Set(usual));
        expect(namesOf(raw).length).toBeLessThanOrEqual(usual.length);
        expect(mail.bcc ?? []).toEqual([]);
        expect(mail.cc ?? []).toEqual([]);
        expect(mail.to?.map(({ address }) => address)).toEqual(['ada@northwind.example']);
        expect(mail.from?.address).toBe('no-reply@clientele.example');
        for (const shown of [mail.subject, mail.from?.name, mail.to?.[0]?.name])
          expect(shown ?? '').not.toMatch(/[\r\n]/);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps names and subjects of any script', async () => {
    for (const name of ['علي بن أبي طالب', 'Œdipe “Ö”, B.', 'דוד', '王小明', 'O\u2019Brien 🍞', 'x'.repeat(200)]) {
      const { mail } = await read({ to: { ...message.to, name }, from: { ...message.from, name }, subject: name });
      expect([mail.to?.[0]?.name, mail.from?.name, mail.subject]).toEqual([name, name, name]);
    }
  });

  it('writes an internationalised domain in ASCII, and keeps an address of 320 characters', async () => {
    const { mail } = await read({ to: { name: 'Ada', address: 'ada@bücher.example' } });
    expect(mail.to?.[0]?.address).toBe('ada@xn--bcher-kva.example');
    const long = `${'l'.repeat(64)}@${'d'.repeat(61)}.${'e'.repeat(61)}.${'f'.repeat(61)}.${'g'.repeat(61)}.${'h'.repeat(7)}`;
    expect(long).toHaveLength(320);
    const { mail: sent, raw } = await read({ to: { name: 'Ada', address: long }, replyTo: long });
    expect([sent.to?.[0]?.address, sent.replyTo?.[0]?.address]).toEqual([long, long]);
    expect(raw.split('\r\n').every((line) => line.length <= 998)).toBe(true);
  });

  it('keeps its HTML and its plain text', async () => {
    const { mail } = await read({ html: '<p>Grüße é 🍞</p>', text: 'Grüße é 🍞\n.\nFrom here' });
    expect(mail.html?.trim()).toBe('<p>Grüße é 🍞</p>');
    expect(mail.text?.trim()).toBe('Grüße é 🍞\n.\nFrom here');
  });
});

it('an address that SES accepts is ASCII before the @', () => {
  expect(asciiAddress('ada@bücher.example')).toBe('ada@xn--bcher-kva.example');
  expect(asciiAddress('adä@books.example')).toBeUndefined();
});

describe('the delay before a retry', () => {
  it('doubles the age of the mail, from a minute to three hours, which makes at least ten tries in a day', () => {
    expect([0, 60, 120, 600, 3600, 86_400].map((age) => retryDelay(age * 1000, 0.5))).toEqual([
      60, 60, 120, 600, 3600, 10_800,
    ]);
    let [age, tries] = [0, 1];
    for (; age < 86_400; tries++) age += retryDelay(age * 1000, 1);
    expect(tries).toBeGreaterThanOrEqual(10);
    expect(retryDelay(3_600_000, 0)).toBe(3240);
    expect(retryDelay(3_600_000, 1)).toBe(3960);
  });
});
