import '../support/quiet.ts';

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { handler } from '../../functions/password-probe/index.ts';
import { checkedByDeployment } from '../../lib/aws/custom-resource.ts';

let stored: { method?: string; headers: IncomingHttpHeaders; body: unknown }[] = [];
let status = 200;
let url = '';
const server = createServer(async (request, response) => {
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
  stored.push({ method: request.method, headers: request.headers, body });
  response.writeHead(status).end();
});

beforeEach(async () => {
  stored = [];
  status = 200;
  process.env.PASSWORD_HASHING = 'test';
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  url = `http://127.0.0.1:${address.port}/answer?X-Amz-Signature=1`;
});
afterEach(() => {
  delete process.env.PASSWORD_HASHING;
  server.closeAllConnections();
  server.close();
});

function eventOf(type: 'Create' | 'Update' | 'Delete'): CloudFormationCustomResourceEvent {
  const common = {
    ServiceToken: 'arn:function',
    ResponseURL: url,
    StackId: 'arn:stack',
    RequestId: 'request',
    LogicalResourceId: 'Check',
    ResourceType: 'Custom::Check',
    ResourceProperties: { ServiceToken: 'arn:function' },
  };
  if (type === 'Create') return { ...common, RequestType: type };
  const changed = { ...common, PhysicalResourceId: 'Check' };
  return type === 'Update'
    ? { ...changed, RequestType: type, OldResourceProperties: { ServiceToken: 'arn:function' } }
    : { ...changed, RequestType: type };
}

const succeeded = {
  Status: 'SUCCESS',
  PhysicalResourceId: 'Check',
  StackId: 'arn:stack',
  RequestId: 'request',
  LogicalResourceId: 'Check',
};

describe('a deployment', () => {
  it.each(['Create', 'Update'] as const)('goes on after a %s where passwords can be hashed', async (type) => {
    await handler(eventOf(type));
    expect(stored.map(({ method, body }) => [method, body])).toEqual([['PUT', succeeded]]);
    // The URL is signed without a content type.
    expect(stored[0]?.headers['content-type']).toBeUndefined();
  });

  it('stops where passwords cannot be hashed, and says why', async () => {
    process.env.PASSWORD_HASHING = 'none';
    await handler(eventOf('Create'));
    expect(stored.map(({ body }) => body)).toEqual([
      {
        ...succeeded,
        Status: 'FAILED',
        Reason: expect.stringMatching(/^This runtime \(Node 24\..*OpenSSL.*argon2.*: unknown cost of password hashing/),
      },
    ]);
  });

  it('can always be rolled back: nothing is checked when the resource is deleted', async () => {
    await checkedByDeployment(() => Promise.reject(new Error('was called')))(eventOf('Delete'));
    expect(stored.map(({ body }) => body)).toEqual([succeeded]);
  });

  it('is answered again by the retry of Lambda if the answer was refused', async () => {
    status = 503;
    await expect(handler(eventOf('Create'))).rejects.toThrow('503');
  });
});
