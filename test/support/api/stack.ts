import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startLocal } from '../../../infra/local/cli/start.ts';
import { synthesizeForTests } from '../assembly.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The base URL of the API. */
    apiUrl: string;
    /** Whether it is the local stack, which has routes under `/_local` for tests. */
    apiIsLocal: boolean;
    /** Whether sent mails can be read at `/_local/mail?to=`. */
    inboxIsOpen: boolean;
  }
}

/**
 * Starts the local stack once for all API tests; each test creates its own company. With CLIENTELE_API_URL the tests
 * run against another stack; with CLIENTELE_INBOX=open its mails can be read too.
 */
export default async function setUp(project: TestProject) {
  const elsewhere = process.env.CLIENTELE_API_URL;
  if (elsewhere) {
    project.provide('apiUrl', elsewhere.replace(/\/$/, ''));
    project.provide('apiIsLocal', false);
    project.provide('inboxIsOpen', process.env.CLIENTELE_INBOX === 'open');
    return undefined;
  }
  const data = mkdtempSync(join(tmpdir(), 'clientele-api-'));
  const stack = await startLocal({ assembly: await synthesizeForTests(), data, port: 0 });
  project.provide('apiUrl', stack.url);
  project.provide('apiIsLocal', true);
  project.provide('inboxIsOpen', true);
  return async () => {
    await stack.stop();
    rmSync(data, { recursive: true, force: true });
  };
}
