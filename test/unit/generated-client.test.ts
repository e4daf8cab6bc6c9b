import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'clientele-generated-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What an integrator writes first with generated types. */
const PROGRAM = `
import type { components, operations } from './types.ts';

type Body<O> = O extends { requestBody?: { content: { 'application/json': infer B } } } ? B : never;
type Query<O> = O extends { parameters: { query?: infer Q } } ? NonNullable<Q> : never;
type Reply<O> = O extends { responses: { 200: { content: { 'application/json': infer R } } } } ? R : never;

export const client: Body<operations['createClient']> = { name: 'Harbour Bakery', contacts: [{ firstName: 'Ada' }] };
export const phone: Body<operations['createClient']> = { name: 'A', phones: [{ kind: 'phone', number: '+353 1 437 0000' }] };
export const contact: Body<operations['createContact']> = { firstName: 'Ben' };
export const item: Body<operations['createItem']> = { name: 'Design hour' };
export const document: Body<operations['createDocument']> = { name: 'a.txt', contentType: 'text/plain', size: 1, sha256: '00' };
export const patch: Body<operations['changeClient']> = { industry: null, billingAddress: { line2: 'Unit 4' } };
export const query: Query<operations['listClients']> = { tag: 'studio' };
export const all: Query<operations['listClients']> = {};
export const names = (page: Reply<operations['listClients']>): string[] =>
  page.data.map(({ number, displayName, primaryContact }) => number + displayName + (primaryContact?.name ?? ''));
export const version = ({ version, contacts }: components['schemas']['ClientProfile']): number =>
  version + contacts.length;
// @ts-expect-error a client has no such field
export const misspelt: Body<operations['createClient']> = { nmae: 'Harbour Bakery' };
`;

/** Runs a command of a package. Returns its errors; empty if there are none. */
function errorsOf(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'node_modules', command), ...args], {
    encoding: 'utf8',
  });
  return status === 0 ? '' : stdout + stderr;
}

describe('openapi-typescript with its defaults', () => {
  it('generates types with which a small program compiles', () => {
    const [types, program] = [join(folder, 'types.ts'), join(folder, 'program.ts')];
    const document = join(root, 'functions/docs/openapi.json');
    expect(errorsOf('openapi-typescript/bin/cli.js', document, '-o', types)).toBe('');
    writeFileSync(program, PROGRAM);
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'es2024',
      '--module',
      'nodenext',
      '--allowImportingTsExtensions',
      '--ignoreConfig',
    ];
    expect(errorsOf('typescript/bin/tsc', ...options, program)).toBe('');
  });
});
