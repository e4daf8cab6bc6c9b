import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { describe, expect, it } from 'vitest';
import { mailKinds, TemplateKey } from '../../lib/mail/kinds.ts';
import { addressLines } from '../../lib/mail/rendering/address.ts';
import { contrast, readableOn, textOn } from '../../lib/mail/rendering/colors.ts';
import { frameOf } from '../../lib/mail/rendering/company-frame.ts';
import { renderMail } from '../../lib/mail/rendering/render.ts';
import { formatMoney, formatVariables } from '../../lib/mail/rendering/values.ts';
import type { Variables } from '../../lib/mail/rendering/variables.ts';
import { BUILT_IN_LANGUAGES, builtInText } from '../../lib/mail/templates/built-in.ts';
import { CLOSINGS, withoutClosing } from '../../lib/mail/templates/closing.ts';
import { languageChain } from '../../lib/mail/templates/language.ts';
import { sampleRecords } from '../../lib/mail/templates/sample.ts';
import { checkText } from '../../lib/mail/templates/text-checks.ts';
import { EMPTY_LETTERHEAD } from '../../lib/settings/letterhead-schema.ts';

const link = 'https://portal.example/invitation?token=a_b-c&company=n';

function render(body: string, variables: Variables = {}, subject = 'S') {
  const values = { 'company.name': 'Northwind', 'portal.link': link, ...variables };
  return renderMail({
    language: 'en',
    text: { subject, body },
    variables: values,
    frame: { companyName: 'Northwind' },
  });
}

/** The part of a mail's HTML that renders its body. */
const bodyHtml = (html: string) => html.slice(html.indexOf('class="words"'), html.lastIndexOf('</tbody>'));

function textOf(key: TemplateKey, language: string) {
  const text = builtInText(key, language);
  if (!text) throw new Error('there is no such text');
  return text;
}

const details = (body: string, subject = 'S', key: TemplateKey = 'registration') =>
  checkText(key, { subject, body }).map(({ pointer, code, detail }) => `${pointer} ${code} ${detail}`);

describe('variables', () => {
  it('have English and French names, with or without accents in either Unicode form', () => {
    const variables = { 'client.custom1': 'gold', 'client.id_number': 'NW-7', 'contact.first_name': 'Ada' };
    const names = ['client.custom1', 'client.personnalisé1', 'client.personnalise1', 'client.personnalise\u03011'];
    for (const name of names) expect(render(`<$${name}>`, variables).text).toBe('<gold>\n');
    expect(render('$client.id_number $contact.prénom $société.nom', variables).text).toBe('NW-7 Ada Northwind\n');
    expect(details('$client.personnalisé4 $contact.personnalisé4 $portail.lien')).toEqual([]);
  });

  it('that do not exist are refused with their line and column', () => {
    expect(details('Hello $client.name,\r\n\n  é😀 $client.nmae and $nothing', 'To $client.x')).toEqual([
      '/subject unknown-variable Line 1, column 4: there is no variable $client.x; a dollar sign before a letter is written $$.',
      '/body unknown-variable Line 3, column 6: there is no variable $client.nmae; a dollar sign before a letter is written $$.',
      '/body unknown-variable Line 3, column 23: there is no variable $nothing; a dollar sign before a letter is written $$.',
    ]);
  });

  it('that belong to another mail are refused', () => {
    expect(details('$invoice.number')).toEqual([
      '/body variable-not-here Line 1, column 1: the mail registration has no $invoice.number.',
    ]);
    expect(details('$invoice.number', 'S', 'reminder-endless')).toEqual([]);
    expect(checkText('user-invitation', { body: '$client.name $user.name $portal.link' })).toHaveLength(1);
    expect(checkText('invoice', { subject: '$portal.expires' })).toHaveLength(1);
  });

  it('end with the last letter of their name', () => {
    const variables = { 'client.name': 'Ada' };
    expect(render("$client.name. $client.name's, ($client.name)", variables).text).toBe("Ada. Ada's, (Ada)\n");
    expect(details('$client.names')).toHaveLength(1);
  });

  it('are literal after a dollar sign or a backslash, and so are amounts', () => {
    const variables = { 'client.name': 'Ada' };
    const body = '$$client.name \\$client.name $100 US$ 5 $ $$$client.name';
    expect(details(body)).toEqual([]);
    expect(render(body, variables, body).text).toBe('$client.name $client.name $100 US$ 5 $ $Ada\n');
    expect(render(body, variables, body).subject).toBe('$client.name $client.name $100 US$ 5 $ $Ada');
  });

  it('without a value are removed with the space before them', () => {
    expect(render('Hello $contact.first_name, so').text).toBe('Hello, so\n');
  });
});

describe('values', () => {
  const hostile = [
    '*x* <b>',
    '[a](javascript:alert(1))',
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    '$portal.link $client.number',
    '{{subject}} {{words}}',
    '&lt;b&gt; &amp;',
    '# heading',
    '- item\n- item',
    '\ue000\ue001',
    '__x__ ~~y~~ `z` <https://evil.example> https://evil.example',
  ];

  it.each(hostile)('are always text: %s', (value) => {
    const { html, text, subject } = render('Hi $client.name!', { 'client.name': value }, 'Hi $client.name!');
    expect(text).toBe(`Hi ${value}!\n`);
    expect(subject).toBe(`Hi ${value.replace('\n', ' ')}!`);
    expect(bodyHtml(html)).not.toMatch(/<(script|img|b|strong|em|s|h1|ul|code)\b|href/);
    expect(html).not.toContain(value.match(/<\w+[^>]*>/)?.[0] ?? '<never>');
  });

  it('never add a header line to a subject, nor an element to the HTML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (value) => {
        const { subject, html } = render('$client.name **$client.name**', { 'client.name': value }, 'A $client.name');
        expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(subject.isWellFormed()).toBe(true);
        const elements = [...bodyHtml(html).matchAll(/<(\w+)/g)].map(([, name]) => name);
        expect(
          elements.filter(
            (name) => !['td', 'tr', 'table', 'tbody', 'div', 'p', 'strong', 'br', 'span'].includes(`${name}`),
          ),
        ).toEqual([]);
      }),
      { numRuns: 100 },
    );
  }, 60_000);

  it('keep their script in subject and HTML, also from right to left', async () => {
    const name = 'שלום עולם';
    const { html } = render('Hello $client.name, 5', { 'client.name': name });
    expect(html).toContain(`Hello <span dir="auto">${name}</span>, 5`);
    const { subject, text } = await PostalMime.parse(
      `Subject: ${render('x', { 'client.name': name }, '$client.name').subject}\r\n\r\n`,
    );
    expect([subject, text]).toEqual([name, undefined]);
  });

  it('cannot change the direction of the text after them', () => {
    expect(render('$client.name end', { 'client.name': 'a\u202eb\u2066c' }).text).toBe('abc end\n');
  });

  it('keep their line breaks', () => {
    const { html, text } = render('$client.address', { 'client.address': '1 Harbour Road\nLondon' });
    expect(html).toContain('1 Harbour Road<br>London');
    expect(text).toBe('1 Harbour Road\nLondon\n');
  });

  it('are formatted for the language and country', () => {
    const records = {
      ...sampleRecords('invoice', { now: new Date('2026-11-23T12:00:00Z'), currency: 'BHD' }),
      company: { name: 'N' },
    };
    const values = (language: string, country?: string) =>
      formatVariables(records, { language, country, timezone: 'Europe/Berlin' });
    expect(values('de')['invoice.amount']).toBe('120,000\u00a0BHD');
    expect(values('en', 'GB')['invoice.due_date']).toBe('9 December 2026');
    expect(values('en', 'US')['invoice.due_date']).toBe('December 9, 2026');
    expect(values('fr', 'FR')['portal.expires']).toContain('26 novembre 2026 à 13:00');
    expect(values('es')['client.country']).toBe('Reino Unido');
    expect(formatMoney({ amount: -9_007_199_254_740_991, currency: 'EUR' }, 'en')).toBe('-€90,071,992,547,409.91');
    expect(formatMoney({ amount: 5, currency: 'JPY' }, 'en')).toBe('¥5');
    expect(formatMoney({ amount: 5, currency: 'EUR' }, 'en')).toBe('€0.05');
  });

  it('name a contact without a name after its client', () => {
    const { client, contact } = sampleRecords('invoice', { now: new Date(), currency: 'EUR' });
    if (!client || !contact) throw new Error('no sample');
    const records = { company: { name: 'N' }, client, contact: { ...contact, firstName: null, lastName: null } };
    expect(formatVariables(records, { language: 'en', timezone: 'UTC' })['contact.name']).toBe('Harbour Bakery');
  });
});

describe('links', () => {
  it('to the portal become a button if they are alone in a paragraph, with or without a label', () => {
    const { html, text } = render('Come in:\n\n[Choose *now*]($portal.link)\n\n$portal.link\n\nBye');
    const buttons = [...html.matchAll(/<a\s+href="([^"]+)"[^>]*target="_blank"[^>]*>\s*([^<]*?)\s*<\/a>/g)];
    const escaped = link.replaceAll('&', '&amp;');
    expect(buttons.map(([, href, label]) => [href, label])).toEqual([
      [escaped, 'Choose now'],
      [escaped, 'Open'],
    ]);
    // Beneath each button its address, for those whose mail program shows no buttons, and for those who look before they click.
    const addresses = [...html.matchAll(/<a href="([^"]+)" class="link"[^>]*>([^<]*)<\/a>/g)];
    expect(addresses.map(([, href, words]) => [href, words])).toEqual([
      [escaped, escaped],
      [escaped, escaped],
    ]);
    expect(html.indexOf('Choose now')).toBeLessThan(html.indexOf(`>${escaped}<`));
    expect(text).toBe(`Come in:\n\nChoose now\n${link}\n\nOpen\n${link}\n\nBye\n`);
  });

  it('to the portal within a sentence stay links', () => {
    const { html, text } = render('Go to $portal.link or [there]($portail.lien).');
    expect([...html.matchAll(/class="link"/g)]).toHaveLength(2);
    expect(text).toBe(`Go to ${link} or there (${link}).\n`);
  });

  it('can lead to https and mailto addresses only', () => {
    const { html, text } = render(
      '[a](https://a.example/?n=$client.name) <mailto:x@a.example> [b](mailto:y@a.example)',
      {
        'client.name': 'A&B/ü',
      },
    );
    expect(html).toContain('href="https://a.example/?n=A%26B%2F%C3%BC"');
    expect(text).toContain('a (https://a.example/?n=A%26B%2F%C3%BC)');
    expect(text).toContain('b (y@a.example)');
    for (const bad of [
      'javascript:alert(1)',
      'http://a.example',
      'data:text/html,x',
      '/path',
      '$client.website',
      'JaVaScRiPt:x',
      'file:///x',
    ]) {
      const body = `x\n[b](${bad})`;
      expect(details(body).map((detail) => detail.split(':')[0])).toEqual(['/body link-not-allowed Line 2, column 5']);
      expect(render(body, { 'client.website': 'https://c.example' }).html).not.toMatch(/class="link"/);
    }
    expect(details('[note](see below)')).toEqual([]);
  });

  it('that their values make invalid are rendered as text', () => {
    const { html } = render('[a](https://$client.name/)', { 'client.name': 'evil.example/#' });
    expect(bodyHtml(html)).not.toContain('href');
    for (const odd of ['javascript:alert(1)', '', 'x']) {
      const mail = render('Come\n\n[in]($portal.link)', { 'portal.link': odd });
      expect(mail.html).not.toContain('href');
      expect(mail.text).toBe('Come\n');
    }
  });
});

describe('Markdown', () => {
  it('is rendered as HTML and as plain text', () => {
    const body = '# Title\n\nOne **two**\nthree\n\n1. a\n2. b\n   - c\n\n> quoted\n> more\n\n---\n\n    indented';
    const { html, text } = render(body);
    expect(text).toBe(
      `Title\n\nOne two\nthree\n\n1. a\n2. b\n   - c\n\n> quoted\n> more\n\n${'-'.repeat(40)}\n\nindented\n`,
    );
    for (const tag of ['h1', 'strong', 'ol', 'ul', 'blockquote', 'hr']) expect(html).toContain(`<${tag}`);
  });

  it('allows no HTML and no images', () => {
    const { html } = render('<img src="https://x.example/p.png"> ![p](https://x.example/p.png) <b>x</b>');
    expect(html).not.toMatch(/<img|<b>/);
    expect(html).not.toMatch(/<\w[^>]*\b(src|background)=|url\(|@import|<link/);
  });
});

describe('the built-in texts', () => {
  const all = TemplateKey.options.flatMap((key) => BUILT_IN_LANGUAGES.map((language) => ({ key, language })));

  it.each(all)(
    '$key in $language renders without faults or leftovers, with its link and the signature',
    ({ key, language }) => {
      const text = textOf(key, language);
      expect(checkText(key, text)).toEqual([]);
      const now = new Date('2026-11-23T12:00:00Z');
      const records = { ...sampleRecords(key, { now, currency: 'EUR' }), company: { name: 'Northwind' } };
      const variables = formatVariables(records, { language, timezone: 'UTC' });
      const mail = renderMail({
        language,
        text,
        variables,
        frame: { companyName: 'Northwind', signature: 'Northwind Ltd\n1 Road' },
      });
      expect(mail.subject).toContain('Northwind');
      for (const part of [mail.html, mail.text]) {
        expect(part).not.toMatch(/\$\w|\{\{|undefined|null|[\ue000-\uf8ff]/);
        expect(part).toContain('https://portal.example/sample');
      }
      expect(mail.html).toContain(`<html lang="${language}" dir="ltr"`);
      expect(mail.html).toContain('Northwind Ltd<br>1 Road');
      expect(mail.text).toMatch(/\n-- \nNorthwind Ltd\n1 Road\n$/);
    },
  );

  it.each(all)('$key in $language closes once: with its own closing, or with the signature', ({ key, language }) => {
    const text = textOf(key, language);
    const closing = CLOSINGS.find((one) => text.body.endsWith(`\n\n${one}`))?.replace('$company.name', 'Northwind');
    const greeting = closing?.split('\n')[0] ?? '<no closing>';
    const plain = (signature: string | null, body = text.body) =>
      renderMail({
        language,
        text: { ...text, body },
        variables: { 'company.name': 'Northwind', 'portal.link': link },
        frame: { companyName: 'Northwind', signature },
      }).text;
    expect(plain(null)).toContain(`\n\n${closing}\n`);
    expect(plain('  \n')).toBe(plain(null));
    const signed = plain('Olive Owner');
    expect(signed).not.toContain(greeting);
    expect(signed).toMatch(/[^\n]\n\n-- \nOlive Owner\n$/);
    // A saved text that began as a copy, from a form that sends CRLF.
    expect(plain('Olive Owner', `${text.body.replaceAll('\n', '\r\n')}\r\n`)).toBe(signed);
  });

  it('keep a closing that is not at their end, or that is all they have', () => {
    const body = `Hello\n\n${CLOSINGS[0]}\n\nPS: closed on Friday`;
    expect(withoutClosing(body)).toBe(body);
    expect(withoutClosing(`${CLOSINGS[0]}`)).toBe(CLOSINGS[0]);
    expect(withoutClosing(`Hello\n\nKind regards,\nOlive`)).toBe('Hello\n\nKind regards,\nOlive');
  });

  it('fall back to the base language and to English', () => {
    const best = (language: string) =>
      languageChain([language])
        .map((tag) => builtInText('invoice', tag))
        .find((text) => text !== undefined);
    expect(best('fr-CA')).toBe(textOf('invoice', 'fr'));
    expect(best('nl')).toBe(textOf('invoice', 'en'));
    expect(best('constructor')).toBe(textOf('invoice', 'en'));
  });
});

describe('the frame', () => {
  const words = { subject: 'S', body: 'Hello' };

  it('has the company’s name and its color, readable in light and dark mode', () => {
    const colors = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);
    fc.assert(
      fc.property(colors, (color) => {
        for (const background of ['#ffffff', '#1f252c'])
          expect(contrast(readableOn(background, color), background)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(textOn(color), color)).toBeGreaterThanOrEqual(4.5);
      }),
    );
    const mail = (color: string | null) =>
      renderMail({ language: 'en', text: words, variables: {}, frame: { companyName: '<N> & Söhne', color } }).html;
    expect(mail('#FFcc00')).toContain('border-top:5px solid #ffcc00');
    expect(mail('red;} body{}')).not.toContain('red;');
    expect(mail(null)).toContain('&lt;N&gt; &amp; Söhne');
  });

  const letterhead = {
    legalName: 'Northwind <Studio> Ltd',
    address: {
      attention: null,
      line1: '1 Harbour Road',
      line2: null,
      city: 'London',
      state: null,
      postalCode: 'E1 6AN',
      country: 'GB',
    },
    vatNumber: 'GB123456789',
    phone: '+44 20 7946 0000',
    email: 'hello@northwind.example',
    website: 'https://northwind.example/',
  };
  const lookOf = (own: object = {}) => ({
    company: { name: 'Northwind' },
    sender: { fromName: null, color: null },
    letterhead: { ...EMPTY_LETTERHEAD, ...own },
    signature: 'Olive',
    locale: 'de-GB',
  });
  const framed = (key: TemplateKey, own: object) =>
    renderMail({ language: 'de', text: words, variables: {}, frame: frameOf(key, lookOf(own)) });

  it('ends mails to contacts with the letterhead', () => {
    const { html, text } = framed('invoice', letterhead);
    expect(text).toBe(`Hello

-- \nOlive

Northwind <Studio> Ltd
1 Harbour Road, London E1 6AN, Vereinigtes Königreich
+44 20 7946 0000 · hello@northwind.example · northwind.example
USt-IdNr. GB123456789
`);
    const footer = html.slice(html.indexOf('class="footer"'));
    expect(footer).toContain('Northwind &lt;Studio&gt; Ltd');
    expect(footer).toContain('1 Harbour Road, London E1 6AN, Vereinigtes Königreich');
    expect(footer).toContain('href="mailto:hello@northwind.example"');
    expect(footer).toContain('href="https://northwind.example/"');
  });

  it('has no foot where the company has set nothing, and the name of the company where it has no legal name', () => {
    expect(framed('invoice', {}).text).toBe('Hello\n\n-- \nOlive\n');
    expect(framed('invoice', {}).html).not.toContain('class="footer"');
    expect(framed('invoice', { phone: '1' }).text).toBe('Hello\n\n-- \nOlive\n\nNorthwind\n1\n');
  });

  it('shows users of the company neither signature nor letterhead', () => {
    for (const key of TemplateKey.options.filter((one) => mailKinds[one].recipient === 'user')) {
      const { html, text } = framed(key, letterhead);
      expect(text).toBe('Hello\n');
      expect(html).not.toMatch(/Olive|Harbour|class="footer"/);
    }
  });

  it('writes the postal code where the country does', () => {
    const place = { ...letterhead.address, city: 'Boston', state: 'MA', postalCode: '02126', country: 'US' };
    expect(addressLines(place, 'en')).toEqual(['1 Harbour Road', 'Boston, MA 02126', 'United States']);
    const berlin = { ...place, city: 'Berlin', state: null, postalCode: '10969', country: 'DE' };
    expect(addressLines(berlin, 'fr')).toEqual(['1 Harbour Road', '10969 Berlin', 'Allemagne']);
    expect(addressLines({ ...berlin, postalCode: null, city: null, country: null }, 'en')).toEqual(['1 Harbour Road']);
  });

  it('shows a logo in place of the name, with the name as its text, no larger than its box and never enlarged', () => {
    const widthOf = (width: number, height: number) => {
      const frame = { companyName: '<N>', logo: { src: 'cid:logo@n.example', width, height } };
      const { html } = renderMail({ language: 'en', text: words, variables: {}, frame });
      expect(html).toContain('alt="&lt;N&gt;" src="cid:logo@n.example"');
      expect(html).not.toContain('class="company"');
      return /<img[^>]* width="(\d+)"/.exec(html)?.[1];
    };
    expect([widthOf(2000, 500), widthOf(500, 1000), widthOf(100, 20), widthOf(16, 2000)]).toEqual([
      '240',
      '32',
      '100',
      '1',
    ]);
  });

  it('runs from right to left for a language that does', () => {
    const { html } = renderMail({ language: 'he', text: words, variables: {}, frame: { companyName: 'N' } });
    expect(html).toContain('<html lang="he" dir="rtl"');
    expect(html).toContain('text-align:right');
  });

  it('stays below 30 kB with each built-in text', () => {
    for (const key of TemplateKey.options)
      expect(Buffer.byteLength(render(textOf(key, 'de').body).html)).toBeLessThan(30_000);
  });
});

it('the languages to try include their base languages, and English at the end', () => {
  expect(languageChain(['fr-CA', 'de'])).toEqual(['fr-CA', 'fr', 'de', 'en']);
  expect(languageChain(['zh-Hant-TW'])).toEqual(['zh-Hant-TW', 'zh-Hant', 'zh', 'en']);
  expect(languageChain(['en-x-own'])).toEqual(['en-x-own', 'en']);
  expect(languageChain([])).toEqual(['en']);
});
