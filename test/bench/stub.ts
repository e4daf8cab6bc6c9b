import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { forwardToEngine } from '../../infra/local/dynamodb/client.ts';

export interface Stub {
  url: string;
  close(): void;
}

/**
 * An AWS that answers at once: the first call of each kind goes to the engine, all after it get the same bytes. Secrets
 * are all alike.
 */
export async function startStub(endpoint: string): Promise<Stub> {
  const known = new Map<string, Buffer>();

  async function answer(target: string, body: Buffer): Promise<Buffer> {
    if (target.startsWith('secretsmanager.')) return Buffer.from('{"SecretString":"bench"}');
    const kind = `${target} ${/"IndexName":"\w+"/.exec(body.toString())?.[0] ?? ''}`;
    const standing = known.get(kind);
    if (standing) return standing;
    const { status, body: fresh } = await forwardToEngine(endpoint, target, body);
    if (status !== 200) throw new Error(`${target} was answered ${status}: ${fresh}`);
    known.set(kind, fresh);
    return fresh;
  }

  const server = createServer((request, response) => {
    read(request)
      .then((body) => answer(String(request.headers['x-amz-target']), body))
      .then((body) => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(body))
      .catch((error: unknown) => {
        console.error(error);
        response.writeHead(400).end('{"__type":"BenchStub"}');
      });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('there is no free port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}
