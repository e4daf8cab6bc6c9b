import { readFileSync, writeFileSync } from 'node:fs';
import mjml2html from 'mjml';

const folder = new URL('../../lib/mail/rendering/', import.meta.url);
const file = new URL('frame-html.ts', folder);

/** MJML accepts slots in text only. For colors and directions, frame.mjml has valid values that mark the slots. */
const SLOTS: readonly [RegExp, string][] = [
  [/#abcde1/g, '{{color}}'],
  [/#abcde2/g, '{{textOnColor}}'],
  [/#abcde3/g, '{{colorOnDark}}'],
  [/#abcde4/g, '{{textOnColorOnDark}}'],
  [/direction:ltr/g, 'direction:{{direction}}'],
  [/text-align:left/g, 'text-align:{{start}}'],
  [/align="left"/g, 'align="{{start}}"'],
  [/\b237(?=px|")/g, '{{logoWidth}}'],
];

/** The comments in frame.mjml, each at the beginning of the part that it names. */
const PARTS = ['name', 'logo', 'words', 'button', 'signature', 'cardEnd', 'footer', 'after'];

/** Compiles the frame of mails to HTML, in parts: a mail repeats `words` and `button` for each block of its body. */
async function compileFrame(): Promise<Record<string, string>> {
  const { html } = await mjml2html(readFileSync(new URL('frame.mjml', folder), 'utf8'), {
    // No web fonts: mail programs block remote content, because loading it would tell the sender who reads the mail.
    fonts: {},
    validationLevel: 'strict',
    keepComments: true,
  });
  const withSlots = SLOTS.reduce((text, [marker, slot]) => text.replace(marker, slot), html);
  const lines = withSlots.split('\n').map((line) => line.trim());
  const compact = `${lines.filter((line) => line !== '').join('\n')}\n`;
  const [before, ...pieces] = compact.split(/<!--(\w+)-->/);
  const parts = PARTS.map((part, index) => {
    const [name, piece] = pieces.slice(2 * index, 2 * index + 2);
    if (name !== part || piece === undefined) throw new Error(`frame.mjml must have the comments ${PARTS.join(', ')}.`);
    return [part, piece] as const;
  });
  if (before === undefined || pieces.length > 2 * PARTS.length) throw new Error('frame.mjml has a comment too many.');
  return { before, ...Object.fromEntries(parts) };
}

const parts = Object.entries(await compileFrame()).map(([name, html]) => `  ${name}: ${JSON.stringify(html)},\n`);
const generated = `// Generated from frame.mjml by npm run mail-frame.\nexport const frameHtml = {\n${parts.join('')}};\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== generated) {
    console.error('lib/mail/rendering/frame-html.ts is out of date: run npm run mail-frame and commit it.');
    process.exit(1);
  }
} else writeFileSync(file, generated);
