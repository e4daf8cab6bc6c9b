import { join } from 'node:path';
import { run } from '../emulator/commands.ts';

/** Synthesizes the stack into a folder of the caller's own: `cdk.out` may be made anew by others at any time. */
export async function synthesizeInto(folder: string): Promise<string> {
  const assembly = join(folder, 'cdk.out');
  await run(process.execPath, ['infra/app.ts'], { ...process.env, CDK_OUTDIR: assembly });
  return assembly;
}
