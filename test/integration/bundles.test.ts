import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { readAssembly } from '../../infra/local/assembly/assembly.ts';

const bundles = new Map(
  readAssembly(inject('assembly')).functions.map(({ assetDirectory, environment }) => [
    environment.POWERTOOLS_SERVICE_NAME ?? '',
    assetDirectory,
  ]),
);

/** The files that a file imports as it is loaded, and those that it imports later. */
function importsOf(file: string): { static: string[]; dynamic: string[] } {
  const code = readFileSync(file, 'utf8');
  const specifiers = (pattern: RegExp) => [...code.matchAll(pattern)].map(([, specifier = '']) => specifier);
  return {
    static: specifiers(/\b(?:from|import)"([\w.@][\w./:@-]*)"/g),
    dynamic: specifiers(/\bimport\("([\w.@][\w./:@-]*)"\)/g),
  };
}

/** The packages of the code that a function loads before its first request. */
function packagesLoadedAtStart(bundle: string): Set<string> {
  const files = new Set([join(bundle, 'index.mjs')]);
  for (const file of files)
    for (const specifier of importsOf(file).static)
      if (specifier.startsWith('.')) files.add(join(dirname(file), specifier));
  const sources = [...files].flatMap((file): string[] => {
    const [, map = ''] = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(file, 'utf8')) ?? [];
    return JSON.parse(readFileSync(join(dirname(file), map), 'utf8')).sources;
  });
  return new Set(sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []));
}

it('a bundle holds every file that it imports, and imports nothing else but what Node has', () => {
  expect(bundles.size).toBeGreaterThan(5);
  for (const [name, bundle] of bundles)
    for (const file of readdirSync(bundle, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.mjs$/.test(path),
    )) {
      const imports = importsOf(join(bundle, file));
      for (const specifier of [...imports.static, ...imports.dynamic])
        expect(
          isBuiltin(specifier) || existsSync(join(bundle, dirname(file), specifier)),
          `${specifier} in ${file} of ${name}`,
        ).toBe(true);
    }
});

describe('a function loads on demand what only some of its requests need', () => {
  it.each([
    ['documents', ['@aws-sdk/client-s3', '@aws-sdk/s3-request-presigner']],
    ['clients', ['libphonenumber-js']],
    ['client-bulk', ['libphonenumber-js']],
    ['contacts', ['libphonenumber-js']],
    ['portal', ['libphonenumber-js']],
  ])('%s', (name, onDemand) => {
    const loaded = packagesLoadedAtStart(bundles.get(name) ?? '');
    expect(loaded).toContain('zod');
    expect(onDemand.filter((library) => loaded.has(library))).toEqual([]);
  });
});
