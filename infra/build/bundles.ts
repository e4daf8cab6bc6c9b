import { copyFileSync, existsSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, build, type Metafile, type OutputFile } from 'esbuild';
import { leftOut } from './left-out.ts';

/**
 * The code of `functions/<folder>`, with the given files of the repository beside it: files of packages where they are in
 * the package, so that an import of what `bundleOptions` leaves out finds them, all others by their name alone.
 */
export type Bundles = (folder: string, files?: readonly string[], packageFiles?: readonly string[]) => Code;

const root = resolve(import.meta.dirname, '../..');
// Packages that are CommonJS call `require`, which an ES module has to bring along.
const banner = "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);";

/**
 * Bundles every folder of `functions/` in one run of esbuild (a run per function, as NodejsFunction makes it, parses
 * the SDK once for each) to `<outdir>/bundles/<folder>/index.mjs`. What went into each is in `<outdir>/bundles/<folder>.meta.json`.
 */
export async function bundleFunctions(outdir: string): Promise<Bundles> {
  const folders = globSync('functions/*/index.ts', { cwd: root }).map((entry) => basename(dirname(entry)));
  const directory = resolve(outdir, 'bundles');
  rmSync(directory, { recursive: true, force: true });
  const { outputFiles, metafile } = await bundle(folders);
  for (const file of outputFiles) writeBundle(directory, file);
  for (const folder of folders) writeMetafile(directory, folder, metafile);
  return (folder, files = [], packageFiles = []) => {
    const bundled = join(directory, folder);
    if (!existsSync(bundled)) throw new Error(`functions/${folder}/index.ts is missing, but the stack deploys it.`);
    for (const file of files) copyFileSync(join(root, file), join(bundled, basename(file)));
    for (const file of packageFiles) {
      const place = join(bundled, 'node_modules', file);
      mkdirSync(dirname(place), { recursive: true });
      copyFileSync(join(root, 'node_modules', file), place);
    }
    return Code.fromAsset(bundled);
  };
}

/** How every function is bundled; the benchmark bundles its floor function so too. */
export const bundleOptions = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  minify: true,
  // Node reads it; escaped, the texts of mails would be a tenth larger.
  charset: 'utf8',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  alias: {
    '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts'),
    'linkify-it': join(import.meta.dirname, 'markdown-parts.ts'),
    entities: join(import.meta.dirname, 'markdown-parts.ts'),
    mdurl: join(import.meta.dirname, 'markdown-parts.ts'),
    'punycode.js': join(import.meta.dirname, 'markdown-parts.ts'),
  },
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  // Data that is loaded on demand and not parsed with the code: functions that use it name it as `packageFiles`.
  external: ['libphonenumber-js/metadata.min.json'],
  banner: { js: banner },
  plugins: [leftOut],
  logLevel: 'warning',
} as const satisfies BuildOptions;

/** In memory: the paths inside a source map, and so the asset's hash, must not depend on where `outdir` is. */
function bundle(folders: readonly string[]) {
  return build({
    ...bundleOptions,
    absWorkingDir: root,
    entryPoints: folders.map((folder) => ({ in: `functions/${folder}/index.ts`, out: `${folder}/index` })),
    outdir: root,
    write: false,
    metafile: true,
  });
}

function writeBundle(directory: string, file: OutputFile): void {
  const path = join(directory, relative(root, file.path));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, file.contents);
}

function writeMetafile(directory: string, folder: string, metafile: Metafile): void {
  writeFileSync(join(directory, `${folder}.meta.json`), JSON.stringify(metafile.outputs[`${folder}/index.mjs`]));
}
