/**
 * Has Chromium upload and download a document from a page of another origin, paste a token into the reference page, and send
 * the requests that the page offers:
 * `npm run test:browser`. It needs Chromium (`CHROMIUM` names one that is not on the path) and the port 5173, an origin that stage
 * dev allows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { startLocal } from '../../infra/local/cli/start.ts';
import { step } from '../emulator/commands.ts';
import { openCompany } from '../fuzz/company.ts';
import { synthesizeInto } from '../support/assembly.ts';
import { type Counts, close } from '../support/suite.ts';
import { pasteToken, testRequests } from './docs.ts';

const PORT = 5173;
const PATIENCE = 120_000;

const Results = z.array(z.tuple([z.string(), z.boolean()])).min(1);
type Results = z.infer<typeof Results>;

const folder = mkdtempSync(join(tmpdir(), 'clientele-browser-'));
let counts: Counts = { passed: 0, failed: 1, skipped: 0 };
const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })];

try {
  const assembly = await step('synthesized', () => synthesizeInto(folder));
  const stack = await step('local stack started', () => startLocal({ assembly, data: join(folder, 'data'), port: 0 }));
  undo.push(() => stack.stop());
  const { token, clientIds } = await openCompany(stack.url);
  const uploaded = await step('browsed', () => browse({ api: stack.url, token, client: clientIds[0] }));
  const pasted = await step('token pasted', () => pasteToken(stack.url, folder));
  const tested = await step('requests tested', () => testRequests(stack.url, token, folder));
  const results = [...uploaded, ...pasted, ...tested];
  for (const [what, holds] of results) console.log(`${holds ? 'ok    ' : 'FAILED'}  ${what}`);
  const passed = results.filter(([, holds]) => holds).length;
  counts = { passed, failed: results.length - passed, skipped: 0 };
} catch (error) {
  console.error(error);
} finally {
  for (const action of undo.splice(0).reverse()) await action();
  close(counts);
}

/** Opens the page, which says itself what it found. */
async function browse(setting: object): Promise<Results> {
  const results = Promise.withResolvers<Results>();
  const page = readFileSync(join(import.meta.dirname, 'page.html'));
  const server = createServer(async (request, response) => {
    if (request.url === '/results') results.resolve(Results.parse(JSON.parse(await bodyOf(request))));
    const [type, body] =
      request.url === '/setting' ? ['application/json', JSON.stringify(setting)] : ['text/html; charset=utf-8', page];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  server.listen(PORT, '127.0.0.1');
  await once(server, 'listening');
  undo.push(() => server.close());
  const browser = spawn(
    process.env.CHROMIUM ?? 'chromium',
    [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
      ...['--no-first-run', '--disable-component-update', '--host-resolver-rules=MAP localhost 127.0.0.1'],
      `--user-data-dir=${join(folder, 'profile')}`,
      `http://localhost:${PORT}/`,
    ],
    { stdio: 'ignore' },
  );
  undo.push(async () => {
    const ended = browser.exitCode === null && browser.signalCode === null && once(browser, 'exit');
    browser.kill('SIGTERM');
    await ended;
    server.closeAllConnections();
  });
  browser.once('error', (error) => results.reject(new Error('Chromium does not start', { cause: error })));
  const patience = setTimeout(() => results.reject(new Error('the page said nothing in two minutes')), PATIENCE);
  return results.promise.finally(() => clearTimeout(patience));
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString();
}
