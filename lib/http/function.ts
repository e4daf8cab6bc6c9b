import { type ReadSecret, secretReader } from '../aws/secrets.ts';
import { bearerResolver } from '../credentials/bearer.ts';
import { callerRepository } from '../credentials/caller-repository.ts';
import { systemSource } from '../shared/source.ts';
import { openTable } from '../table/client.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import type { Contract, Handlers } from './contract.ts';
import { cursorSealer } from './cursor.ts';
import { createHandler } from './handler.ts';

/** What the services behind the routes of a function are made of. */
export interface HttpDeps extends ServiceDeps {
  /** The application secret. Keys for single purposes are derived from it. */
  readonly readSecret: ReadSecret;
}

/**
 * The Lambda handler of a contract. It uses the table in the variable TABLE_NAME, which a function without any data of its own
 * does not have. `compose` is called once, when the function
 * starts, and returns one handler per operation.
 */
export function httpFunction<C extends Contract>(contract: C, compose: (deps: HttpDeps) => Handlers<C>) {
  const table = openTable(process.env.TABLE_NAME ?? '');
  const source = systemSource;
  const readSecret = applicationSecret();
  return createHandler(contract, compose({ table, source, readSecret }), {
    table,
    source,
    readSecret,
    cursors: cursorSealer(readSecret, source),
    resolveCaller: bearerResolver(callerRepository(table), source),
  });
}

/** Only functions with lists, or with routes that accept an Idempotency-Key, have the variable APPLICATION_SECRET_ARN. */
function applicationSecret(): ReadSecret {
  const arn = process.env.APPLICATION_SECRET_ARN;
  return arn ? secretReader(arn) : () => Promise.reject(new Error('this function may not read the application secret'));
}
