import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort } from '../shared/processes.ts';
import { openDynoxideFile } from './dynoxide-file.ts';
import type { DynamoDb, DynamoDbOptions } from './engine.ts';
import { runEngine } from './engine-process.ts';

/** The program, where its package is installed: it exists for Linux x64 only. */
export function findDynoxide(): string | undefined {
  try {
    const require = createRequire(import.meta.url);
    const program = join(dirname(require.resolve('@dynoxide/linux-x64/package.json')), 'dynoxide');
    return process.platform === 'linux' && process.arch === 'x64' && existsSync(program) ? program : undefined;
  } catch {
    return undefined;
  }
}

export async function startDynoxide(
  program: string,
  options: DynamoDbOptions,
  { PATH }: NodeJS.ProcessEnv,
): Promise<DynamoDb> {
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const arguments_ = ['serve', '--port', new URL(endpoint).port];
  if (options.file !== undefined) arguments_.push('--db-path', options.file);
  const engine = await runEngine({ command: program, arguments: arguments_, environment: { PATH }, endpoint }, options);
  const file = options.file === undefined ? undefined : openDynoxideFile(options.file);
  return {
    endpoint,
    engine: 'dynoxide',
    pid: engine.pid,
    trimStream: (tableName, before) => file?.trim(tableName, before) ?? true,
    stop: async () => {
      file?.close();
      await engine.stop();
    },
  };
}
