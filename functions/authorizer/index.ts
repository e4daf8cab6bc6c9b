import type { APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import { bearerResolver } from '../../lib/accounts/bearer.ts';
import { accountRepository } from '../../lib/accounts/repository.ts';
import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { secretReader } from '../../lib/aws/secrets.ts';
import { keyRing } from '../../lib/credentials/signing-keys.ts';
import { portalRepository } from '../../lib/portal/repository.ts';
import { systemSource } from '../../lib/shared/source.ts';
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
