import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { bearerResolver } from '../../lib/accounts/authorizer.ts';
import { portalRepository } from '../../lib/accounts/portal/repository.ts';
import { accountRepository } from '../../lib/accounts/repository.ts';
import { keyRing } from '../../lib/accounts/signing-keys.ts';
import { env } from '../../lib/platform/env.ts';
import { logger } from '../../lib/platform/logger.ts';
import { secretReader } from '../../lib/platform/secrets.ts';
import { systemSource } from '../../lib/platform/source.ts';
import { openTable } from '../../lib/table/table.ts';

const table = openTable(env('TABLE_NAME'));
const resolve = bearerResolver({
  accounts: accountRepository(table),
  portal: portalRepository(table),
  ring: keyRing(secretReader(env('SIGNING_SECRET_ARN'))),
  issuer: env('ISSUER'),
  source: systemSource,
});

/**
 * Tells the functions who calls. Whoever is nobody is let through as nobody, so that the function's frame can refuse
 * with a problem that says how to sign in; an error here lets nobody through.
 */
export async function handler(event: APIGatewayRequestAuthorizerEventV2) {
  try {
    const principal = await resolve(event.headers?.authorization);
    return { isAuthorized: true, context: { principal: principal ? JSON.stringify(principal) : '' } };
  } catch (error) {
    logger.error('could not tell who calls', error instanceof Error ? error : String(error));
    throw error;
  }
}
