import { readFileSync, writeFileSync } from 'node:fs';
import mjml2html from 'mjml';

const folder = new URL('../../lib/mail/templates/', import.meta.url);
const file = new URL('frame-html.ts', folder);

/** Stand-ins of the source, which may hold only what is well-formed where it stands, and what is put in their place. */
const STAND_INS: readonly [RegExp, string][] = [
  [/#abcde1/g, '{{color}}'],
  [/#abcde2/g, '{{textOnColor}}'],
  [/#abcde3/g, '{{linkOnDark}}'],
  [/#abcde4/g, '{{colorOnDark}}'],
  [/#abcde5/g, '{{textOnColorOnDark}}'],
  [/direction:ltr/g, 'direction:{{direction}}'],
  [/text-align:left/g, 'text-align:{{start}}'],
  [/align="left"/g, 'align="{{start}}"'],
];

/** The frame of mails as HTML, cut where words, buttons and the signature go. */
async function compiled(): Promise<Record<string, string>> {
  const { html } = await mjml2html(readFileSync(new URL('frame.mjml', folder), 'utf8'), {
    // What mails load from elsewhere tells who reads them, and is blocked.
    fonts: {},
    validationLevel: 'strict',
    keepComments: true,
  });
  const filled = STAND_INS.reduce((text, [standIn, place]) => text.replace(standIn, place), html);
  const lines = filled.split('\n').map((line) => line.trim());
  const compact = `${lines.filter((line) => line !== '').join('\n')}\n`;
  const [before, words, button, signature, after, ...rest] = compact.split(/<!--(?:words|button|signature|end)-->/);
  if (after === undefined || rest.length > 0) throw new Error('frame.mjml does not have its four marks.');
  return { before, words, button, signature, after } as Record<string, string>;
}

const parts = Object.entries(await compiled()).map(([name, html]) => `  ${name}: ${JSON.stringify(html)},\n`);
const made = `// Made of frame.mjml by npm run mail-frame.\nexport const frameHtml = {\n${parts.join('')}};\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== made) {
    console.error(
      'lib/mail/templates/frame-html.ts is not what frame.mjml says: run npm run mail-frame and commit it.',
    );
    process.exit(1);
  }
} else writeFileSync(file, made);
