/** `npm run test:engines`: the integration and API tests on DynamoDB Local, which `npm test` runs on dynoxide where that exists. */
import { join } from 'node:path';
import { startDynamoDb } from '../infra/local/dynamodb/choose-engine.ts';
import { messageOf } from '../infra/local/shared/problem.ts';
import { root } from './emulator/commands.ts';
import { type Counts, close, endSuites, runSuite } from './support/suite.ts';

process.env.DYNAMODB_ENGINE = 'dynamodb-local';

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    endSuites();
    process.exit(1);
  });

close(await run());

async function run(): Promise<Counts> {
  try {
    await (await startDynamoDb()).stop();
  } catch (error) {
    console.error(messageOf(error));
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // A worker fewer than usual, because this engine keeps a core busy by itself.
  const options = ['--project', 'integration', '--project', 'api', '--maxWorkers', '2'];
  return await runSuite(join(root, 'node_modules', '.bin', 'vitest'), ['run', ...options, ...process.argv.slice(2)]);
}
