import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { asObject, asString, type JsonObject } from '../shared/json.ts';
import { StartProblem } from '../shared/problem.ts';
import { type DemoApi, unexpected } from './demo-calls.ts';
import type { DemoDocument } from './demo-company.ts';
import { documentOf } from './demo-documents.ts';

type Bytes = Buffer<ArrayBuffer>;

/** How long the demo waits for its logo, and how often it looks. */
const PATIENCE_MS = 30_000;
const INTERVAL_MS = 50;

/** Uploads a document to the client with this path. It becomes available in the background. */
export async function uploadDocument(api: DemoApi, path: string, document: DemoDocument): Promise<void> {
  const { contentType, bytes } = documentOf(document);
  const { name, visibility } = document;
  const body = { name, visibility, ...describe(contentType, bytes) };
  const created = await api.must('create a document', 'POST', `${path}/documents`, body);
  await sendBytes(name, asObject(created.upload), bytes);
}

/** Uploads the logo unless there is one, and waits for it, so that the mails that follow have it. */
export async function loadLogo(api: DemoApi): Promise<void> {
  const hasLogo = async () => (await api.call('GET', '/v1/company/logo')).status === 200;
  if (await hasLogo()) return;
  const bytes = Buffer.from(readFileSync(new URL('demo-logo.png', import.meta.url)));
  const created = await api.must('add the logo', 'POST', '/v1/company/logo', describe('image/png', bytes));
  await sendBytes('the logo', asObject(created.upload), bytes);
  const end = Date.now() + PATIENCE_MS;
  while (!(await hasLogo())) {
    if (Date.now() > end) throw new StartProblem('The demo company got no logo. Start with --empty to go without it.');
    await setTimeout(INTERVAL_MS);
  }
}

const describe = (contentType: string, bytes: Bytes) => ({
  contentType,
  size: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
});

/** Sends the presigned request that the API answered. @throws StartProblem if S3 refuses it */
async function sendBytes(what: string, { method, url, headers }: JsonObject, bytes: Bytes): Promise<void> {
  const signed = Object.entries(asObject(headers)).map(([name, value]): [string, string] => [
    name,
    asString(value) ?? '',
  ]);
  const answer = await fetch(asString(url) ?? '', {
    method: asString(method) ?? 'PUT',
    headers: new Headers(signed),
    body: bytes,
  });
  const text = await answer.text();
  if (!answer.ok) throw unexpected(`upload ${what}`, { status: answer.status, body: {}, text });
}
