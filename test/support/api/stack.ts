import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startLocal } from '../../../infra/local/cli/start.ts';
import { synthesizeForTests } from '../assembly.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the API answers. */
    apiUrl: string;
    /** Whether it is the local stack, which also tells what functions asked of AWS under `/_local`. */
    apiIsLocal: boolean;
    /** Whether text and subject of the mails that were sent can be read there, at `/_local/mail?to=`. */
    inboxIsOpen: boolean;
  }
}

/**
 * The whole stack, once for all API tests; each test makes its own company. Elsewhere with CLIENTELE_API_URL, and with
 * CLIENTELE_INBOX=open where mails can be read as well.
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
