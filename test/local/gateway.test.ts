import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFunction } from '../../infra/local/lambda/functions.ts';
import { type Fixture, startFixture } from './fixture-stack.ts';

let stack: Fixture;
beforeAll(async () => {
  stack = await startFixture();
});
afterAll(() => stack.stop());

/** The event that the Echo function received. */
async function echoed(path: string, init?: RequestInit) {
  return JSON.parse((await stack.get(path, init)).text);
}

/** Sends raw bytes and reads until the other side hangs up or a whole answer is there. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(5000, () => socket.destroy(new Error(`no answer but: ${answer}`)));
    socket.on('data', (chunk) => {
      answer += chunk;
      if (answer.includes('\r\n\r\n')) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)));
  });
}

describe('events', () => {
  it('have the shape of payload format 2.0', async () => {
    const event = await echoed('/echo/a%20b%C3%BC?x=1&y=%26&x=2', {
      headers: { cookie: 'a=1; b=2', 'X-Custom': 'One', 'user-agent': 'test' },
    });
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'GET /echo/{id}',
      rawPath: '/echo/a bü',
      rawQueryString: 'x=1&y=%26&x=2',
      queryStringParameters: { x: '1,2', y: '&' },
      pathParameters: { id: 'a bü' },
      cookies: ['a=1', 'b=2'],
      headers: { 'x-custom': 'One', 'x-forwarded-for': '127.0.0.1', host: new URL(stack.url).host },
      requestContext: {
        stage: '$default',
        routeKey: 'GET /echo/{id}',
        http: { method: 'GET', path: '/echo/a bü', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
        time: expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.any(Number),
        requestId: expect.any(String),
      },
      isBase64Encoded: false,
    });
    expect(event).not.toHaveProperty('body');
    expect(event.headers).not.toHaveProperty('cookie');
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });

  it('join repeated headers with commas', async () => {
    const { host } = new URL(stack.url);
    const answer = await raw(`GET /echo HTTP/1.1\r\nHost: ${host}\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain('"x-a":"1,2"');
  });

  it('leave out what is not there', async () => {
    const event = await echoed('/echo');
    expect(event).toMatchObject({ rawQueryString: '', routeKey: 'GET /echo' });
    for (const name of ['queryStringParameters', 'pathParameters', 'cookies', 'body'])
      expect(event).not.toHaveProperty(name);
  });

  it.each([
    ['application/json; charset=utf-8', '{"ä":1}', false],
    ['text/csv', 'a,b', false],
    ['application/x-www-form-urlencoded', 'a=1', true],
    ['application/problem+json', '{}', true],
    ['application/octet-stream', '\u0000\u0001', true],
  ])('carry a body of %s as AWS does', async (contentType, body, encoded) => {
    const event = await echoed('/echo', { method: 'POST', headers: { 'content-type': contentType }, body });
    expect(event.isBase64Encoded).toBe(encoded);
    expect(encoded ? Buffer.from(event.body, 'base64').toString() : event.body).toBe(body);
  });
});

describe('answers', () => {
  it('carry status, headers and cookies', async () => {
    const { status, headers, text } = await stack.get('/echo?mode=cookies');
    expect(status).toBe(201);
    expect(headers.getSetCookie()).toEqual(['a=1; HttpOnly', 'b=2']);
    expect(headers.get('content-type')).toBe('text/plain;charset=UTF-8');
    expect(headers.get('apigw-requestid')).toMatch(/.{10}/);
    expect(text).toBe('made');
  });

  it('decode base64 bodies', async () => {
    const response = await fetch(`${stack.url}/echo?mode=binary`);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0, 255, 16]);
  });

  it('are made of a bare value', async () => {
    const { status, headers, text } = await stack.get('/echo?mode=bare');
    expect([status, headers.get('content-type'), text]).toEqual([200, 'application/json', '{"bare":true}']);
  });

  it.each(['throw', 'bad', 'large', 'crash'])('hide what went wrong: %s', async (mode) => {
    const { status, text } = await stack.get(`/echo?mode=${mode}`);
    expect([status, text]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect((await stack.get('/echo')).status).toBe(200);
  });

  it.each(['hang', 'spin'])('do not wait longer than the function may take: %s', async (mode) => {
    const { status, text } = await stack.get(`/echo?mode=${mode}`);
    expect([status, text]).toEqual([500, '{"message":"Internal Server Error"}']);
    const name = stack.model.functions.find(({ logicalId }) => logicalId.startsWith('Echo'))?.name;
    // The log is written behind the answer.
    await expect
      .poll(() => readFileSync(stack.data.file('logs', `${name}.log`), 'utf8'))
      .toContain('Task timed out after 1.00 seconds');
  });

  it('do not wait behind others that wait for something slow, although they are as many as there are cores', async () => {
    const model = stack.model.functions.find(({ logicalId }) => logicalId.startsWith('Echo'));
    if (model === undefined) throw new Error('the fixture has no Echo');
    const slow = createFunction({
      model: { ...model, timeoutSeconds: 60 },
      environment: {},
      logFile: stack.data.file('logs', 'slow.log'),
    });
    const invoke = (mode: string) => slow.invoke(JSON.stringify({ queryStringParameters: { mode } }));
    const waiting = Array.from({ length: Math.min(5, Math.max(2, availableParallelism())) }, () => invoke('hang'));
    expect(await invoke('bare')).toEqual({ ok: true, result: '{"bare":true}' });
    await slow.stop();
    for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ ok: false });
  });

  it('do not wait longer than the integration may take', async () => {
    const { status, text } = await stack.get('/hasty?mode=hang');
    expect([status, text]).toEqual([503, '{"message":"Service Unavailable"}']);
  });

  it('have no body for HEAD', async () => {
    const { status, text, headers } = await stack.get('/echo', { method: 'HEAD' });
    expect([status, text]).toEqual([200, '']);
    expect(Number(headers.get('content-length'))).toBeGreaterThan(100);
  });

  it('say that there is no such route', async () => {
    for (const [method, path] of [
      ['GET', '/nowhere'],
      ['DELETE', '/echo/1'],
      ['GET', '/echo/'],
      ['GET', '//echo'],
    ]) {
      const { status, text } = await stack.get(path ?? '', { method: method ?? '' });
      expect([status, text]).toEqual([404, '{"message":"Not Found"}']);
    }
  });
});

describe('limits', () => {
  const post = (bytes: number, contentType: string) =>
    stack.get('/echo/1', { method: 'POST', headers: { 'content-type': contentType }, body: 'x'.repeat(bytes) });

  it('are 10 MB for a body', async () => {
    const { status, text } = await post(10 * 1024 * 1024 + 1, 'text/plain');
    expect([status, text]).toEqual([413, '{"message":"Request Entity Too Large"}']);
  });

  it('are 6 MB for the event, which base64 makes longer', async () => {
    expect((await post(5 * 1024 * 1024, 'application/octet-stream')).status).toBe(413);
    expect((await post(2 * 1024 * 1024, 'text/plain')).status).toBe(200);
  });
});

describe('a request that is not well formed', () => {
  const request = (target: string, method = 'GET') =>
    raw(`${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);

  it.each(['/echo/%zz', '/echo/%', '/echo/%c3', '/echo/%00'])('%s is a 400', async (target) => {
    expect(await request(target)).toMatch(/^HTTP\/1.1 400 /);
  });

  it.each([
    ['a header too large', 'GET /echo HTTP/1.1\r\nHost: a\r\nX-A: '.concat('x'.repeat(20_000), '\r\n\r\n'), 431],
    ['no HTTP at all', 'nonsense\r\n\r\n', 400],
    ['an unknown method', 'FETCH /echo HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a NUL in the path', 'GET /ec\u0000ho HTTP/1.1\r\nHost: a\r\n\r\n', 400],
  ])('%s is refused', async (_what, text, status) => {
    expect(await raw(text)).toContain(`HTTP/1.1 ${status} `);
  });

  it('may break off in the middle of its body', async () => {
    const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    expect((await stack.get('/echo')).status).toBe(200);
  });

  it('may name the whole address, as to a proxy', async () => {
    expect(await request('http://elsewhere.example/echo')).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('CORS', () => {
  const origin = 'https://app.example';

  it('answers a preflight for the gateway where no route matches it', async () => {
    const headers = { origin, 'access-control-request-method': 'POST' };
    const answer = await stack.get('/nowhere', { method: 'OPTIONS', headers });
    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '3600',
    });
  });

  it('names no origin that is not allowed', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    for (const method of ['OPTIONS', 'GET']) {
      const answer = await stack.get('/echo', { method, headers });
      expect(answer.headers.has('access-control-allow-origin')).toBe(false);
    }
  });

  it('adds headers to answers, also those of the gateway itself', async () => {
    for (const path of ['/echo', '/nowhere']) {
      const answer = await stack.get(path, { headers: { origin } });
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
      expect(answer.headers.get('access-control-expose-headers')).toBe('etag');
    }
  });
});

describe('a function', () => {
  it('has the environment of its template and of Lambda, and nothing of ours', async () => {
    const { env, context } = JSON.parse((await stack.get('/echo?mode=env')).text);
    expect(env).toMatchObject({
      TABLE_NAME: stack.table,
      NAME: 'Echo',
      AWS_REGION: 'eu-west-1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_ENDPOINT_URL: stack.awsUrl,
      AWS_ENDPOINT_URL_DYNAMODB: stack.dynamoDbUrl,
    });
    expect(Object.keys(env)).not.toContain('PATH');
    expect(Object.keys(env)).not.toContain('HOME');
    expect(context).toMatchObject({
      functionName: env.AWS_LAMBDA_FUNCTION_NAME,
      invokedFunctionArn: expect.stringContaining(':function:'),
    });
    expect(context.remaining).toBeGreaterThan(0);
    expect(context.remaining).toBeLessThanOrEqual(1000);
  });

  it('answers many at once', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => stack.get(`/echo/${index}`)));
    expect(answers.map(({ text }) => JSON.parse(text).pathParameters.id)).toEqual(
      Array.from({ length: 100 }, (_, index) => String(index)),
    );
  });
});
