import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { SQSEvent } from 'aws-lambda';
import * as z from 'zod';
import { env } from '../../lib/aws/env.ts';
import { logger } from '../../lib/aws/logger.ts';
import { metrics } from '../../lib/aws/metrics.ts';
import { queueConsumer } from '../../lib/aws/queue-consumer.ts';
import { companyProofServices } from '../../lib/billing/ledger/wiring.ts';
import { ledgerProof } from '../../lib/relay/rules.ts';
import { CompanyId } from '../../lib/shared/ids.ts';
import { systemSource } from '../../lib/shared/source.ts';
import { openTable } from '../../lib/table/client.ts';

const proofs = companyProofServices(
  { table: openTable(env('TABLE_NAME')), source: systemSource },
  (company, client, { currencies }) => {
    // Records and the names of figures, but no amounts.
    const differences = currencies.flatMap((one) => one.differences.map(({ record, field }) => ({ record, field })));
    logger.error('a ledger does not add up', { company, client, differences });
    metrics.addMetric('LedgersDiffer', MetricUnit.Count, 1);
    metrics.publishStoredMetrics();
  },
);

/** The events with which an operator invokes the function: start a proof, or read its progress. */
const Command = z.union([z.strictObject({ prove: CompanyId }), z.strictObject({ progress: CompanyId })]);

const consume = queueConsumer({
  queueUrl: env('QUEUE_URL'),
  async step(message) {
    const { company, version } = ledgerProof.message.parse(message);
    await proofs.step(company, version);
    return undefined;
  },
});

/** Proves the ledgers of a company on an operator's command, a few clients with each message of the relay. */
export async function handler(event: SQSEvent | z.input<typeof Command>): Promise<unknown> {
  if ('Records' in event) return consume(event);
  const command = Command.parse(event);
  return 'prove' in command ? proofs.request(command.prove) : ((await proofs.progress(command.progress)) ?? null);
}
