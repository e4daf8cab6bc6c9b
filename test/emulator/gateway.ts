import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';

export interface Gateway {
  readonly url: string;
  close(): void;
}

// ministack starts a process for each call that runs at the same time; a test with 200 at once would drown it in those.
const atOnce = 16;

/**
 * Serves one API of the emulator at an address of its own. The emulator finds the API by the host name
 * `<id>.execute-api.localhost`, which neither every resolver knows nor `fetch` lets a caller send.
 */
export async function openGateway(apiUrl: string, port: number): Promise<Gateway> {
  const { host } = new URL(apiUrl);
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const server = createServer((incoming, outgoing) => {
    const options = { agent, host: '127.0.0.1', port, method: incoming.method, path: incoming.url };
    const onward = request({ ...options, headers: { ...incoming.headers, host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', (error) => outgoing.writeHead(502).end(String(error)));
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no free port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () => {
      agent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}
