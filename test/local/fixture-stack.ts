/** Synthesizes the fixture application once for all test files, and puts it up with a data folder of its own. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { type LocalStack, type StartOptions, startLocal } from '../../infra/local/cli/start.ts';

const folder = fileURLToPath(new URL('fixture', import.meta.url));

/** The folder of the fixture's cloud assembly, kept in the temporary folder for as long as the fixture is the same. */
export function fixtureAssembly(): string {
  const assembly = join(tmpdir(), `clientele-fixture-${hashOf(folder)}`);
  if (existsSync(join(assembly, 'manifest.json'))) return assembly;
  const draft = mkdtempSync(`${assembly}-`);
  execFileSync(process.execPath, [join(folder, 'app.ts')], {
    env: { ...process.env, CDK_OUTDIR: draft },
    stdio: 'pipe',
  });
  try {
    renameSync(draft, assembly);
  } catch {
    rmSync(draft, { recursive: true }); // Another test file was faster.
  }
  return assembly;
}

function hashOf(path: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  for (const file of files.filter((name) => statSync(join(path, name)).isFile())) {
    hash.update(file).update(readFileSync(join(path, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

const temporary: string[] = [];
// Registered first, so it runs last: after the stacks that use the folders have stopped.
afterAll(() => {
  for (const path of temporary) rmSync(path, { recursive: true, force: true });
});

/** A new folder that goes when the tests are done. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'clientele-test-'));
  temporary.push(path);
  return path;
}

export type Fixture = LocalStack & {
  table: string;
  /** Requests a path and reads the answer as text. */
  get(path: string, init?: RequestInit): Promise<{ status: number; headers: Headers; text: string }>;
  /** Has the Items function call AWS and answers what it got: the output, or the error's name and message. */
  aws(
    service: 'dynamodb' | 's3' | 'secrets' | 'ses' | 'sqs',
    command: string,
    input: object,
    raw?: string,
  ): Promise<unknown>;
};

/** Puts the fixture stack up on a free port. */
export async function startFixture(options: Partial<StartOptions> = {}): Promise<Fixture> {
  const stack = await startLocal({ assembly: fixtureAssembly(), data: temporaryFolder(), port: 0, ...options });
  const get: Fixture['get'] = async (path, init) => {
    const response = await fetch(`${stack.url}${path}`, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    ...stack,
    table: stack.model.tables[0]?.name ?? '',
    get,
    async aws(service, command, input, raw) {
      const body = JSON.stringify({ service, command, input, raw });
      const headers = { 'content-type': 'application/json' };
      return JSON.parse((await get('/items', { method: 'POST', headers, body })).text);
    },
  };
}
