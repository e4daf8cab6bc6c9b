import * as z from 'zod';
import { ClientId } from '../../lib/ids.ts';
import { listQuery, pageOf } from '../../lib/lists.ts';
import { contract } from '../../lib/platform/http/contract.ts';
import { LogCategory, LogOutcome, SystemLogEntry } from '../../lib/traces/system-log.ts';

const ofClient = z.strictObject({ clientId: ClientId });

/** What happened to a client. */
export const traces = contract({
  listSystemLogs: {
    method: 'GET',
    path: '/v1/clients/{clientId}/system-logs',
    tag: 'Traces',
    summary: 'List what the backend did for a client',
    description: 'With success or failure and the reason. Entries are kept for 90 days.',
    access: { role: 'viewer', module: 'clients' },
    params: ofClient,
    query: z.strictObject({ ...listQuery, category: LogCategory.optional(), outcome: LogOutcome.optional() }),
    reply: {
      status: 200,
      description: 'A page of entries, newest first.',
      schema: pageOf('SystemLogPage', SystemLogEntry),
    },
    problems: ['not-found', 'bad-cursor'],
  },
});
