import '../support/quiet.ts';

import { expect, it, vi } from 'vitest';
import { handler } from '../../functions/password-probe/index.ts';

vi.mock('node:crypto', async (original) => ({ ...(await original<object>()), argon2: undefined }));

it('a Node without argon2 stops the deployment', async () => {
  const sent = vi.spyOn(globalThis, 'fetch').mockResolvedValue(new Response());
  process.env.PASSWORD_HASHING = 'test';
  await handler({
    RequestType: 'Create',
    ServiceToken: 'arn:function',
    ResponseURL: 'https://answer.example',
    StackId: 'arn:stack',
    RequestId: 'request',
    LogicalResourceId: 'Check',
    ResourceType: 'Custom::Check',
    ResourceProperties: { ServiceToken: 'arn:function' },
  });
  const [url, init] = sent.mock.calls[0] ?? [];
  expect(url).toBe('https://answer.example');
  expect(JSON.parse(String(init?.body))).toMatchObject({
    Status: 'FAILED',
    Reason: expect.stringContaining('cannot hash passwords'),
  });
});
