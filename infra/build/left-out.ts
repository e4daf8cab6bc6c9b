import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

interface Part {
  files: RegExp;
  /** What stands in the place of a file of the part, of which the text is given. */
  instead: (text: string) => string;
}

const absent = "()=>{throw new Error('left out by infra/left-out.ts')}";

/** Each name that the file exports, as a function that throws. */
function hollow(text: string): string {
  const names = [...text.matchAll(/^export (?:const|function|class) (\w+)/gm)].map(([, name]) => name);
  const list = [...text.matchAll(/^export \{ \w+ as (\w+) \}/gm)].map(([, name]) => name);
  const named = [...names, ...list].map((name) => `const _${name}=${absent};export{_${name} as ${name}};`);
  return `${named.join('')}${/^export default/m.test(text) ? `export default ${absent};` : ''}`;
}

/** Parts of packages that no function has a use for, though the rest of the package names them. */
const parts: readonly Part[] = [
  // The API's document is made at build time: 17 KB of each function otherwise.
  { files: /zod\/v4\/core\/(?:json-schema-processors|to-json-schema)\.js$/, instead: hollow },
  // Addresses come as name and address, and nothing of a mail is read from elsewhere.
  { files: /nodemailer\/dist\/esm\/(?:addressparser|fetch|shared\/url)\/?(?:index)?\.js$/, instead: hollow },
  // A list of 1 500 file types: our mails have no attachments whose type would have to be told from a name.
  {
    files: /nodemailer\/dist\/esm\/mime-funcs\/mime-types\.js$/,
    instead: () => "export const detectMimeType=()=>'application/octet-stream';export const detectExtension=()=>'bin';",
  },
  // No operation that is called answers with a stream of events: 12 KB of each function.
  { files: /smithy\/core\/dist-es\/submodules\/event-streams\/EventStreamSerde\.js$/, instead: hollow },
  // For the discovery of endpoints, which DynamoDB's client has only where it is switched on.
  { files: /mnemonist\/lru-cache\.js$/, instead: () => 'export default class{}' },
];

/** Leaves out what `parts` names. */
export const leftOut: Plugin = {
  name: 'left-out',
  setup: ({ onLoad }) => {
    for (const { files, instead } of parts)
      onLoad({ filter: files }, ({ path }) => ({ contents: instead(readFileSync(path, 'utf8')) }));
  },
};
