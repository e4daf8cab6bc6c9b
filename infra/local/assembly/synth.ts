import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readIfThere } from '../shared/files.ts';
import { asObject, parseJson } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';

/** The sources of the synthesized template and the bundles. */
const sources = ['infra', 'functions', 'lib', 'package-lock.json', 'tsconfig.json', 'cdk.json'];
const leftOut = [join('infra', 'local')];

/**
 * Brings the cloud assembly up to date with the sources; synthesizes only when they have changed.
 *
 * @param root the repository
 * @param folder the assembly's folder in it
 * @param stage the stage to synthesize, infra/app.ts's default when it is not given
 * @returns the folder of the cloud assembly
 * @throws StartProblem with the output of a synthesis that failed
 */
export async function synthesize(
  root: string,
  folder = 'cdk.out',
  stage = process.env.CLIENTELE_STAGE,
): Promise<string> {
  const assembly = join(root, folder);
  const stamp = join(assembly, '.sources');
  const hash = hashOf(root, stage);
  if (readIfThere(stamp) === hash && existsSync(join(assembly, 'manifest.json'))) return assembly;
  // Not the whole folder: another stack may be running from the bundles in it.
  rmSync(stamp, { force: true });
  const { code, output } = await runApp(root, folder, stage);
  if (code !== 0) throw new StartProblem(`The stack could not be synthesized.\n\n${output.trim()}`);
  removeOldAssets(assembly);
  writeFileSync(stamp, hash);
  return assembly;
}

/** The sender of a stage that has none: the local SES has verified the domain of any sender. */
const localSender = 'no-reply@dev.clientele.example';

const dayMillis = 86_400_000;

/** Deletes bundles that the template no longer names, a day after they were made. */
function removeOldAssets(assembly: string): void {
  const files = readdirSync(assembly);
  const named = files
    .filter((file) => file.endsWith('.assets.json'))
    .map((file) => readFileSync(join(assembly, file), 'utf8'));
  for (const file of files.filter((name) => name.startsWith('asset.'))) {
    const path = join(assembly, file);
    const stale = Date.now() - statSync(path).mtimeMs > dayMillis;
    if (stale && !named.some((text) => text.includes(file))) rmSync(path, { recursive: true, force: true });
  }
}

function hashOf(root: string, stage = ''): string {
  const hash = createHash('sha256').update(`${process.version} ${stage}`);
  for (const source of sources) addTo(hash, root, source);
  return hash.digest('hex');
}

function addTo(hash: ReturnType<typeof createHash>, root: string, path: string): void {
  if (leftOut.includes(path)) return;
  const absolute = join(root, path);
  const entries = existsSync(absolute) ? directoryEntries(absolute) : [];
  if (entries !== undefined) {
    for (const entry of entries) addTo(hash, root, join(path, entry));
    return;
  }
  hash.update(`\0${path}\0`).update(readFileSync(absolute));
}

function directoryEntries(path: string): string[] | undefined {
  try {
    return readdirSync(path).sort();
  } catch {
    return undefined;
  }
}

async function runApp(root: string, folder: string, stage = ''): Promise<{ code: number; output: string }> {
  // The CDK's CLI passes the context of cdk.json; this does it in its place.
  const { context } = asObject(parseJson(readIfThere(join(root, 'cdk.json')) ?? '{}'));
  const child = spawn(process.execPath, ['infra/app.ts'], {
    cwd: root,
    env: {
      ...process.env,
      CDK_OUTDIR: folder,
      ...(stage !== '' && { CLIENTELE_STAGE: stage }),
      // The CDK's check of its own files against their schema takes seconds and changes nothing of the template.
      CDK_VALIDATION: 'false',
      CDK_CONTEXT_JSON: JSON.stringify({ sender: localSender, ...asObject(context) }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output = `${output}${chunk}`.slice(-20_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  return { code, output };
}
