import type { TestProject } from 'vitest/node';
import { startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import type { DynamoDb } from '../../infra/local/dynamodb/engine.ts';
import { synthesizeForTests } from './assembly.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    dynamoDb: string;
    engine: DynamoDb['engine'];
    assembly: string;
  }
}

/** One engine for all integration tests; each test file makes its own table on it. */
export default async function setUp(project: TestProject) {
  const assembly = await synthesizeForTests();
  const engine = await startDynamoDb();
  project.provide('dynamoDb', engine.endpoint);
  project.provide('engine', engine.engine);
  project.provide('assembly', assembly);
  return () => engine.stop();
}
