import { join } from 'node:path';
import { synthesize } from '../../infra/local/assembly/synth.ts';
import { root, run } from '../emulator/commands.ts';

/** The assembly of the tests, made by the global set-up. It is not `cdk.out`, because `npm start` may be using that. */
export const TEST_ASSEMBLY = join(root, 'cdk.out.test');

/** Makes the tests' assembly, which is stage `test`, unless it is up to date. */
export const synthesizeForTests = () => synthesize(root, 'cdk.out.test', 'test');

/**
 * Synthesizes a stage into the given folder, because others may replace `cdk.out` at any time. Only stage `test` lets one
 * address sign up many companies and send many mails.
 */
export async function synthesizeInto(folder: string, stage: 'dev' | 'test' = 'dev'): Promise<string> {
  const assembly = join(folder, 'cdk.out');
  // Stage dev has no sender of its own.
  const CDK_CONTEXT_JSON = JSON.stringify({ sender: 'no-reply@dev.clientele.example' });
  const environment = { ...process.env, CDK_OUTDIR: assembly, CLIENTELE_STAGE: stage, CDK_CONTEXT_JSON };
  await run(process.execPath, ['infra/app.ts'], environment);
  return assembly;
}
