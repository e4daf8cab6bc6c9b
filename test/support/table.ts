import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { createTable } from '../../infra/local/dynamodb/tables.ts';
import { CompanyId, mintId } from '../../lib/shared/ids.ts';
import type { Source } from '../../lib/shared/source.ts';
import { openTable, type Table } from '../../lib/table/client.ts';
import { type Call, recordCalls } from './calls.ts';

/** A new table for this test file, made from the template, and a record of its calls. */
export async function freshTable(): Promise<{ table: Table; calls: Call[] }> {
  const endpoint = engineOfWorker();
  const template = JSON.parse(readFileSync(join(inject('assembly'), 'Clientele.template.json'), 'utf8'));
  const resources: { Type: string }[] = Object.values(template.Resources);
  const resource = resources.find(({ Type }) => Type === 'AWS::DynamoDB::Table');
  const name = `Test-${randomBytes(8).toString('hex')}`;
  await createTable(endpoint, JSON.parse(JSON.stringify(resource)), name);
  const client = new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const calls = recordCalls(client);
  return { table: openTable(name, { client }), calls };
}

function engineOfWorker(): string {
  const endpoints = inject('dynamoDb');
  const endpoint = endpoints[Number(process.env.VITEST_POOL_ID ?? 0) % endpoints.length];
  if (endpoint === undefined) throw new Error('there is no engine');
  return endpoint;
}

/** A source with a clock that only tests move, and real random bytes. */
export interface TestSource extends Source {
  at: Date;
}

export function testSource(at = '2026-03-04T10:00:00.000Z'): TestSource {
  const source = {
    at: new Date(at),
    now: () => new Date(source.at),
    random: (bytes: number) => new Uint8Array(randomBytes(bytes)),
  };
  return source;
}

export const newCompanyId = (source: Source) => mintId(CompanyId, 'co', source);
