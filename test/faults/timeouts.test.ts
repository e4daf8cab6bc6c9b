import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { openS3 } from '../../lib/aws/s3.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { openSes, sesSender } from '../../lib/aws/ses.ts';
import { openSqs, sendMessages } from '../../lib/aws/sqs.ts';
import { openTable } from '../../lib/table/client.ts';
import { useService } from '../support/failing-service.ts';

const mail = { raw: Buffer.from('Subject: x'), from: 'a@b.example', to: 'c@d.example', tags: {} };

/** A call of each client of AWS, with 50 ms for an attempt. It resolves with the name of its error. */
const calls: Readonly<Record<string, (url: string) => Promise<unknown>>> = {
  DynamoDB: () => openTable('t', { timeoutMs: 50 }).client.send(new GetCommand({ TableName: 't', Key: { PK: 'a' } })),
  SQS: (url) => sendMessages(openSqs(50), `${url}/q`, ['x']),
  S3: () => openS3(50).send(new ListObjectVersionsCommand({ Bucket: 'b' })),
  'Secrets Manager': () => secretReader('arn', Date.now, 50)(),
  SES: async () => {
    const answer = await sesSender('set', openSes(50)).send(mail);
    throw Object.assign(new Error(), { name: answer.kind === 'unknown' ? 'TimeoutError' : answer.kind });
  },
};

/** A server that accepts connections; each gets what `talk` writes, and never a whole response. */
async function muteServer(talk: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const servers: Readonly<Record<string, (socket: Socket) => void>> = {
  'reads nothing': (socket) => socket.pause(),
  'reads the request and never answers': (socket) => socket.resume(),
  'never ends the headers of its answer': (socket) => {
    socket.resume();
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\nx-more: ');
  },
};

describe.each(Object.keys(calls))('%s', (service) => {
  it.each(Object.keys(servers))('a call ends by timeout when the service %s', async (what) => {
    await using server = await muteServer(servers[what] ?? (() => undefined));
    useService('AWS_ENDPOINT_URL', server.url);
    await expect(calls[service]?.(server.url)).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
