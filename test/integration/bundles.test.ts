import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';

const KB = 1024;
const assembly = inject('assembly');
// Folders of earlier syntheses may lie there still.
const { files } = JSON.parse(readFileSync(join(assembly, 'Clientele.assets.json'), 'utf8'));
const bundles = Object.keys(files)
  .map((hash) => join(assembly, `asset.${hash}`))
  .filter((folder) => existsSync(join(folder, 'index.mjs')));

it('what a bundle imports by name at run time lies beside it', () => {
  const left = bundles.flatMap((bundle) => {
    const code = readFileSync(join(bundle, 'index.mjs'), 'utf8');
    return [...code.matchAll(/\bimport\("(?!node:)([^"./][^"]*)"\)/g)].map(([, name = '']) => ({ bundle, name }));
  });
  expect(left.map(({ name }) => name)).toContain('libphonenumber-js/metadata.min.json');
  for (const { bundle, name } of left) {
    const folder = join(bundle, 'node_modules', name.slice(0, name.indexOf('/')));
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = exports[`.${name.slice(name.indexOf('/'))}`].import;
    expect(existsSync(join(folder, file)), `${name} beside ${bundle}`).toBe(true);
  }
});

it('no bundle is larger than 520 KB', () => {
  const large = bundles.filter((bundle) => statSync(join(bundle, 'index.mjs')).size > 520 * KB);
  expect(bundles.length).toBeGreaterThan(5);
  expect(large).toEqual([]);
});
