import type { TestProject } from 'vitest/node';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { synthesizeForTests } from './assembly.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The endpoints of the engines: one for each worker, or a single one. */
    dynamoDb: string[];
    engine: DynamoDb['engine'];
    assembly: string;
  }
}

/**
 * Engines for the integration tests; each test file makes its own table on one of them. A dynoxide works on one thread, and
 * is small, so each of the three workers has its own. DynamoDB Local takes half a gigabyte and both cores by itself.
 */
export default async function setUp(project: TestProject) {
  const assembly = await synthesizeForTests();
  const first = await startDynamoDb();
  const others = first.engine === 'dynoxide' ? await Promise.all([startDynamoDb(), startDynamoDb()]) : [];
  const engines = [first, ...others];
  project.provide(
    'dynamoDb',
    engines.map(({ endpoint }) => endpoint),
  );
  project.provide('engine', first.engine);
  project.provide('assembly', assembly);
  return async () => {
    await Promise.all(engines.map((engine) => engine.stop()));
  };
}
