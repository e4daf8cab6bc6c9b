import { join } from 'node:path';
import { synthesize } from '../../infra/local/assembly/synth.ts';
import { root, run } from '../emulator/commands.ts';

/** The assembly that tests run, made by the global set-up: apart from `cdk.out`, which `npm start` may be running from. */
export const TEST_ASSEMBLY = join(root, 'cdk.out.test');

/** Makes the tests' assembly, which is stage `test`, unless it is up to date. */
export const synthesizeForTests = () => synthesize(root, 'cdk.out.test', 'test');

/** Synthesizes the stack into a folder of the caller's own: `cdk.out` may be made anew by others at any time. */
export async function synthesizeInto(folder: string): Promise<string> {
  const assembly = join(folder, 'cdk.out');
  await run(process.execPath, ['infra/app.ts'], { ...process.env, CDK_OUTDIR: assembly });
  return assembly;
}
