import { once } from 'node:events';
import { Agent, createServer, request, type ServerResponse } from 'node:http';
import * as z from 'zod';

const Sent = z.object({
  messages: z.record(
    z.string(),
    z.array(z.object({ To: z.array(z.string()), Subject: z.string(), BodyText: z.string() })),
  ),
});

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
    if (incoming.url?.startsWith('/_local/mail?')) return void answerMails(incoming.url, port, outgoing);
    const options = { agent, host: '127.0.0.1', port, method: incoming.method, path: incoming.url };
    const onward = request({ ...options, headers: { ...incoming.headers, host } }, (answer) => {
      // These two are about the connection to the emulator, which ends one now and then.
      const { connection: _connection, 'keep-alive': _keepAlive, ...headers } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, headers);
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

/** Answers what SES was given for an address, as the local stack does under the same path. */
async function answerMails(path: string, port: number, outgoing: ServerResponse): Promise<void> {
  try {
    const to = new URL(path, 'http://localhost').searchParams.get('to') ?? '';
    const answer = await fetch(`http://127.0.0.1:${port}/_ministack/ses/messages`);
    const sent = Object.values(Sent.parse(await answer.json()).messages).flat();
    const mails = sent
      // As in the header: with or without a name before the address.
      .filter(({ To }) => To.some((recipient) => recipient === to || recipient.endsWith(`<${to}>`)))
      .map(({ Subject: subject, BodyText: text }) => ({ subject, text }));
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(mails));
  } catch (error) {
    outgoing.writeHead(502).end(String(error));
  }
}
