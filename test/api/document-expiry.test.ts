import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { ClientId, CompanyId, DocumentId } from '../../lib/shared/ids.ts';
import { openTable } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { updateItem } from '../../lib/table/write.ts';
import { createClient, send, signUp } from '../support/api/client.ts';
import { createDocument } from '../support/api/documents.ts';
import { type OwnStack, ownStack } from '../support/api/own-stack.ts';
import { expectProblem } from '../support/api/problem.ts';

describe.skipIf(!inject('apiIsLocal'))('on a stack of its own (only local: moves times to live)', () => {
  let own: OwnStack;
  beforeAll(async () => {
    own = await ownStack();
  });
  afterAll(() => own?.stop());

  it('a document that was never uploaded expires, no longer counts, and stands in the system log', async () => {
    const company = await signUp();
    const { token } = company;
    const { id: client } = await createClient(company);
    const { document } = await createDocument(token, client, 'never');
    await createDocument(token, client, 'later');
    const name = own.stack.model.functions.map(({ environment }) => environment.TABLE_NAME).find(Boolean) ?? '';
    const { endpoint } = own.stack.dynamoDb;
    const database = new DynamoDBClient({
      endpoint,
      region: 'eu-west-1',
      // DynamoDB Local has a database for each access key.
      credentials: { accessKeyId: new URL(endpoint).username || 'test', secretAccessKey: 'test' },
    });
    const place = [CompanyId.parse(company.id), ClientId.parse(client), DocumentId.parse(document.id)] as const;
    await updateItem(openTable(name, { client: database }), keys.document(...place), {
      UpdateExpression: 'SET #ttl = :past',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: { ':past': Math.floor(Date.now() / 1000) - 1 },
    });
    expectProblem(await send(`/v1/clients/${client}/documents/${document.id}`, { token }), 'not-found');
    await fetch(`${own.stack.url}/_local/expire`, { method: 'POST' });
    await vi.waitFor(
      async () => {
        const { json } = await send(`/v1/clients/${client}/system-logs`, { token });
        expect(json.data).toMatchObject([{ event: 'document.expired', outcome: 'failure' }]);
      },
      { timeout: 60_000, interval: 200 },
    );
    const { json } = await send(`/v1/clients/${client}/overview`, { token });
    expect(json.categories.documents.count).toBe(1);
  });
});
