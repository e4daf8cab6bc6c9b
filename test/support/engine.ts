import type { TestProject } from 'vitest/node';
import { synthesize } from '../../infra/local/assembly/synth.ts';
import { startDynamoDb } from '../../infra/local/dynamodb/engine.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    dynamoDb: string;
    assembly: string;
  }
}

/** One engine for all integration tests; each test file makes its own table on it. */
export default async function setUp(project: TestProject) {
  const assembly = await synthesize(process.cwd());
  const engine = await startDynamoDb();
  project.provide('dynamoDb', engine.endpoint);
  project.provide('assembly', assembly);
  return () => engine.stop();
}
