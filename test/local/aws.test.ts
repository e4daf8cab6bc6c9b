import { statSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, startFixture } from './fixture-stack.ts';

let stack: Fixture;
beforeAll(async () => {
  stack = await startFixture();
}, 60_000);
afterAll(() => stack.stop());
beforeEach(() => stack.calls.clear());

const key = { PK: { S: 'X#1' }, SK: { S: 'a' } };
const itemsCalls = () => stack.calls.list().filter((call) => call.function.includes('Items'));

describe('permissions', () => {
  it('are those of the function', async () => {
    expect(await stack.aws('dynamodb', 'PutItem', { TableName: stack.table, Item: key })).toEqual({});
    expect(await stack.aws('dynamodb', 'GetItem', { TableName: stack.table, Key: key })).toEqual({ Item: key });
    expect(await stack.aws('dynamodb', 'DeleteItem', { TableName: stack.table, Key: key })).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining('dynamodb:DeleteItem'),
    });
    expect(await stack.aws('dynamodb', 'GetItem', { TableName: stack.table, Key: key })).toEqual({ Item: key });
  });

  it('are asked for each write of a transaction', async () => {
    const put = { Put: { TableName: stack.table, Item: key } };
    const remove = { Delete: { TableName: stack.table, Key: { ...key, SK: { S: 'b' } } } };
    expect(await stack.aws('dynamodb', 'TransactWriteItems', { TransactItems: [put] })).toEqual({});
    expect(await stack.aws('dynamodb', 'TransactWriteItems', { TransactItems: [put, remove] })).toMatchObject({
      name: 'AccessDeniedException',
    });
    expect(
      itemsCalls().map(({ allowed, authorizations }) => [allowed, authorizations.map(({ action }) => action)]),
    ).toEqual([
      [true, ['dynamodb:PutItem']],
      [false, ['dynamodb:PutItem', 'dynamodb:DeleteItem']],
    ]);
  });

  it('cover an index and name it', async () => {
    const query = {
      IndexName: 'GSI1',
      KeyConditionExpression: 'GSI1PK = :k',
      ExpressionAttributeValues: { ':k': { S: 'x' } },
    };
    expect(await stack.aws('dynamodb', 'Query', { TableName: stack.table, ...query })).toMatchObject({ Count: 0 });
    expect(itemsCalls()[0]?.authorizations[0]?.resource).toMatch(/\/index\/GSI1$/);
  });

  it('end where the credentials end', async () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKIAUNKNOWN/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0';
    const headers = { authorization, 'x-amz-target': 'DynamoDB_20120810.ListTables' };
    const response = await fetch(stack.awsUrl, { method: 'POST', headers, body: '{}' });
    expect([response.status, ((await response.json()) as { __type: string }).__type]).toEqual([
      400,
      'UnrecognizedClientException',
    ]);
    expect((await fetch(stack.awsUrl, { method: 'POST', body: '{}' })).status).toBe(403);
  });
});

describe('the record of calls', () => {
  it('holds what each function called, with the capacity that it took', async () => {
    await stack.aws('dynamodb', 'PutItem', { TableName: stack.table, Item: key });
    const { text } = await stack.get(`/_local/calls?function=${itemsCalls()[0]?.function}`);
    expect(JSON.parse(text)).toMatchObject([
      {
        service: 'dynamodb',
        action: 'PutItem',
        table: stack.table,
        allowed: true,
        status: 200,
        consumedCapacity: { CapacityUnits: 1 },
      },
    ]);
  });

  it('hands the capacity on to a function that asked for it', async () => {
    const input = { TableName: stack.table, Item: key, ReturnConsumedCapacity: 'TOTAL' };
    expect(await stack.aws('dynamodb', 'PutItem', input)).toMatchObject({ ConsumedCapacity: { CapacityUnits: 1 } });
  });

  it('names the error of a call that failed, and can be emptied', async () => {
    await stack.aws('dynamodb', 'PutItem', {
      TableName: stack.table,
      Item: key,
      ConditionExpression: 'attribute_not_exists(PK)',
    });
    expect(itemsCalls()).toMatchObject([{ status: 400, error: 'ConditionalCheckFailedException' }]);
    expect((await stack.get('/_local/calls', { method: 'DELETE' })).status).toBe(204);
    expect(JSON.parse((await stack.get('/_local/calls')).text)).toEqual([]);
  });
});

describe('secrets', () => {
  const read = async (more: object = {}) =>
    (await stack.aws('secrets', 'GetSecretValue', { SecretId: stack.model.secrets[0]?.arn, ...more })) as Record<
      string,
      string
    >;

  it('have a generated first value', async () => {
    const { SecretString = '' } = await read();
    expect(JSON.parse(SecretString)).toEqual({ kind: 'signing', value: expect.stringMatching(/^[a-zA-Z0-9]{40}$/) });
    expect(statSync(stack.data.file('secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('are not there under another name', async () => {
    // The policy names the secret, so what is asked is refused before it is looked for.
    expect(await read({ SecretId: 'other' })).toMatchObject({ name: 'AccessDeniedException' });
    expect(await read({ VersionStage: 'AWSPENDING' })).toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('are rotated by their function, the old value staying as the previous one', async () => {
    const before = await read();
    const name = encodeURIComponent(stack.model.secrets[0]?.name ?? '');
    const rotated = await stack.get(`/_local/secrets/${name}/rotate`, { method: 'POST' });
    expect(JSON.parse(rotated.text)).toEqual({ ok: true, versionId: expect.any(String) });
    expect((await read()).VersionId).toBe(JSON.parse(rotated.text).versionId);
    expect((await read({ VersionStage: 'AWSPREVIOUS' })).SecretString).toBe(before.SecretString);
  });
});

describe('mail', () => {
  const from = 'Studio <hello@mail.example>';
  const simple = (subject: string) => ({
    Simple: { Subject: { Data: subject }, Body: { Text: { Data: 'text' }, Html: { Data: '<b>html</b>' } } },
  });
  const send = (input: object) =>
    stack.aws('ses', 'SendEmail', {
      FromEmailAddress: from,
      Destination: { ToAddresses: ['a@x.example'] },
      Content: simple('Hi'),
      ...input,
    });
  const inbox = async (query = '') => JSON.parse((await stack.get(`/_local/mail${query}`)).text);
  beforeEach(async () => {
    await stack.get('/_local/mail', { method: 'DELETE' });
  });

  it('is caught with all that is in it', async () => {
    const destination = {
      ToAddresses: ['A <a@x.example>', 'b@x.example'],
      CcAddresses: ['c@x.example'],
      BccAddresses: ['d@x.example'],
    };
    const set = stack.model.functions[0]?.environment.CONFIGURATION_SET;
    await send({
      Destination: destination,
      ReplyToAddresses: ['r@x.example'],
      ConfigurationSetName: set,
      EmailTags: [{ Name: 'kind', Value: 'invite' }],
    });
    expect(await inbox()).toMatchObject([
      {
        from: 'hello@mail.example',
        fromName: 'Studio',
        to: ['a@x.example', 'b@x.example'],
        cc: ['c@x.example'],
        bcc: ['d@x.example'],
        replyTo: ['r@x.example'],
        subject: 'Hi',
        text: 'text',
        html: '<b>html</b>',
        tags: { kind: 'invite' },
        time: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
    expect(await inbox('?to=d@x.example')).toHaveLength(1);
    expect(await inbox('?to=e@x.example')).toHaveLength(0);
  });

  it('is read from a raw message', async () => {
    const raw = [
      `From: ${from}`,
      'To: a@x.example, b@x.example',
      'Subject: =?utf-8?B?R3LDvMOfZQ==?=',
      'X-Case: 7',
      'Content-Type: text/plain; charset=utf-8',
      '',
      'hällo',
    ].join('\r\n');
    expect(await stack.aws('ses', 'SendEmail', {}, raw)).toEqual({ MessageId: expect.any(String) });
    expect(await inbox()).toMatchObject([
      {
        to: ['a@x.example', 'b@x.example'],
        subject: 'Grüße',
        text: expect.stringContaining('hällo'),
        headers: { 'x-case': '7' },
      },
    ]);
  });

  it.each([
    ['an address that is none', { Destination: { ToAddresses: ['nobody'] } }, 'BadRequestException'],
    [
      'a header smuggled in',
      { Destination: { ToAddresses: ['a@x.example\r\nBcc: z@x.example'] } },
      'BadRequestException',
    ],
    [
      'too many recipients',
      { Destination: { ToAddresses: Array.from({ length: 51 }, (_, n) => `u${n}@x.example`) } },
      'BadRequestException',
    ],
    ['nobody to send to', { Destination: {} }, 'BadRequestException'],
    ['a sender who is not verified', { FromEmailAddress: 'x@evil.example' }, 'AccessDeniedException'],
  ])('is refused with %s', async (_what, input, name) => {
    expect(await send(input)).toMatchObject({ name });
    expect(await inbox()).toEqual([]);
  });

  it('is shown in the inbox without letting anything of it run', async () => {
    const html = '<script>alert(1)</script><img src="https://tracker.example/x.gif">';
    await send({ Content: { Simple: { Subject: { Data: '<i>"quoted"</i>' }, Body: { Html: { Data: html } } } } });
    const { headers, text } = await stack.get('/_local/inbox');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|<i>|<img/);
    expect(text).toContain('sandbox="allow-popups');
    expect(text).toContain('&lt;i&gt;&quot;quoted&quot;');
  });

  it('is not for pages of other origins, nor for other names of this machine', async () => {
    expect((await stack.get('/_local/mail', { headers: { origin: 'https://evil.example' } })).status).toBe(403);
  });
});

describe('schedules', () => {
  const run = async (name: string, time?: string) => {
    const body = time === undefined ? '' : JSON.stringify({ time });
    const { status, text } = await stack.get(`/_local/schedules/${name}`, { method: 'POST', body });
    return { status, json: JSON.parse(text) };
  };
  const ruleName = (id: string) => stack.model.schedules.find(({ logicalId }) => logicalId.startsWith(id))?.name ?? '';

  it('are listed', async () => {
    const listed = JSON.parse((await stack.get('/_local/schedules')).text);
    expect(listed).toContainEqual(
      expect.objectContaining({ name: 'morning', timezone: 'Europe/Berlin', expression: 'cron(0 8 * * ? *)' }),
    );
    expect(listed).toHaveLength(3);
  });

  it('of a rule hand over the event of EventBridge', async () => {
    const { status, json } = await run(ruleName('Nightly'), '2026-03-01T03:00:00Z');
    expect(status).toBe(200);
    expect(json.runs[0].result.heard).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      time: '2026-03-01T03:00:00Z',
      detail: {},
    });
  });

  it('of a rule with an input hand that over', async () => {
    expect((await run(ruleName('Hourly'))).json.runs[0].result).toEqual({ heard: { fixed: true } });
  });

  it('of the scheduler fill the time in', async () => {
    expect((await run('morning', '2026-03-01T07:00:00Z')).json.runs[0].result).toEqual({
      heard: { at: '2026-03-01T07:00:00Z' },
    });
  });

  it('answer with the error of the function, and refuse what makes no sense', async () => {
    const { status, json } = await run('morning', '2031-01-01T00:00:00Z');
    expect([status, json.runs[0]]).toEqual([
      502,
      { function: expect.any(String), ok: false, error: { type: 'RangeError', message: 'too late' } },
    ]);
    expect((await run('nothing')).status).toBe(404);
    expect((await run('morning', 'noon')).status).toBe(400);
  });
});
