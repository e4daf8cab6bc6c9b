import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { type BuildOptions, build, type Metafile } from 'esbuild';

/**
 * Returns the code of `functions/<folder>`. The given files of the repository are packed next to it by their base
 * names. `name.gz` is the file `name`, compressed.
 */
export type Bundles = (folder: string, files?: readonly string[]) => Code;

const root = resolve(import.meta.dirname, '../..');

/** How every function is bundled; the benchmark bundles its floor function in the same way. */
export const bundleOptions = {
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // A dynamic import becomes a chunk of its own, which is loaded when it is needed.
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  minify: true,
  // With the default, ASCII with escapes, the texts of mails would be a tenth larger.
  charset: 'utf8',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  mainFields: ['module', 'main'],
  alias: { '@aws-sdk/credential-provider-node': join(import.meta.dirname, 'lambda-credentials.ts') },
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  // CommonJS packages call `require`, which does not exist in an ES module.
  banner: { js: "import{createRequire as __cr}from'node:module';const require=__cr(import.meta.url);" },
  logLevel: 'warning',
} as const satisfies BuildOptions;

/**
 * Bundles every folder of `functions/` in a single run of esbuild, which processes shared code once. One run for each
 * function, as CDK's NodejsFunction does it, takes ten times as long. A function gets `index.mjs` and the chunks that
 * it can import, in `<outdir>/bundles/<folder>`.
 */
export async function bundleFunctions(outdir: string): Promise<Bundles> {
  const directory = resolve(outdir, 'bundles');
  rmSync(directory, { recursive: true, force: true });
  const folders = globSync('functions/*/index.ts', { cwd: root }).map((entry) => basename(dirname(entry)));
  const { outputFiles, metafile } = await build({
    ...bundleOptions,
    absWorkingDir: root,
    entryPoints: folders.map((folder) => ({ in: `functions/${folder}/index.ts`, out: folder })),
    // Built in memory, because source maps contain paths: the hash of an asset must not depend on `outdir`.
    outdir: root,
    write: false,
    metafile: true,
  });
  const contents = new Map(outputFiles.map((file) => [relative(root, file.path), file.contents]));
  for (const folder of folders)
    for (const output of outputsOf(`${folder}.mjs`, metafile)) {
      const path = join(directory, folder, output === `${folder}.mjs` ? 'index.mjs' : output);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, contents.get(output) ?? '');
    }
  return (folder, files = []) => {
    if (!folders.includes(folder))
      throw new Error(`functions/${folder}/index.ts is missing, but the stack deploys it.`);
    for (const file of files) pack(file, join(directory, folder, basename(file)));
    return Code.fromAsset(join(directory, folder));
  };
}

function pack(file: string, to: string): void {
  if (!file.endsWith('.gz')) copyFileSync(join(root, file), to);
  else writeFileSync(to, gzipSync(readFileSync(join(root, file.slice(0, -'.gz'.length))), { level: 9 }));
}

/** The output files of an entry point: its own, all chunks that it imports, and their source maps. */
function outputsOf(entry: string, { outputs }: Metafile): string[] {
  const reached = new Set([entry]);
  // The loop also visits what is added to the set meanwhile.
  for (const output of reached)
    for (const { path, external } of outputs[output]?.imports ?? []) if (!external) reached.add(path);
  return [...reached].flatMap((output) => [output, `${output}.map`]);
}
