import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalStack, startLocal } from '../../../infra/local/cli/start.ts';
import { TEST_ASSEMBLY } from '../assembly.ts';
import { useApi } from './client.ts';

export interface OwnStack {
  stack: LocalStack;
  /** Stops the stack and starts it again on the same data and port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a stack for this test file, and sends all its further requests there. */
export async function ownStack(): Promise<OwnStack> {
  const data = mkdtempSync(join(tmpdir(), 'clientele-own-'));
  const start = (port: number) => startLocal({ assembly: TEST_ASSEMBLY, data, port });
  const own: OwnStack = {
    stack: await start(0),
    async restart() {
      const port = Number(new URL(own.stack.url).port);
      await own.stack.stop();
      own.stack = await start(port);
    },
    async stop() {
      useApi();
      await own.stack.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
  useApi(own.stack.url);
  return own;
}
