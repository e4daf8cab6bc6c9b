import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { bundleOptions } from '../../infra/build/bundles.ts';
import { readAssembly } from '../../infra/local/assembly/assembly.ts';
import type { Figure } from './figures.ts';

/** A bundle to run: of a function as synthesized, or of the floor. */
export interface Subject {
  name: string;
  file: string;
  environment: Readonly<Record<string, string>>;
}

/** The bundle of every function of the assembly. */
export function functionSubjects(assembly: string): Subject[] {
  return readAssembly(assembly).functions.map(({ assetDirectory, environment }) => ({
    name: environment.POWERTOOLS_SERVICE_NAME ?? '',
    file: join(assetDirectory, 'index.mjs'),
    environment,
  }));
}

/**
 * The floor function as the CDK's NodejsFunction bundles one and, with `trimmed`, as ours are: without the SDK's search
 * for credentials.
 */
export async function floorSubject(folder: string, trimmed = false): Promise<Subject> {
  const name = trimmed ? 'floor without the credential chain' : 'floor';
  const outdir = join(folder, trimmed ? 'trimmed' : 'floor');
  await build({
    ...bundleOptions,
    ...(!trimmed && { alias: {} }),
    entryPoints: [{ in: join(import.meta.dirname, 'floor.ts'), out: 'index' }],
    outdir,
  });
  return {
    name,
    file: join(outdir, 'index.mjs'),
    environment: { NODE_OPTIONS: '--enable-source-maps', TABLE_NAME: 'Floor' },
  };
}

/** What each function loads when it starts, and all of its code, which includes what it loads on demand. */
export function bundleFigures(subjects: readonly Subject[]): Figure[] {
  return subjects.map(({ name, file }) => {
    const folder = dirname(file);
    const code = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.m?js$/.test(path));
    const all = code.reduce((sum, path) => sum + statSync(join(folder, path)).size, 0);
    return {
      group: 'Bundle size',
      name,
      value: statSync(file).size / 1024,
      unit: 'KB',
      detail: `${(all / 1024).toFixed(0)} KB of code in all`,
    };
  });
}
