import * as z from 'zod';
import { ActivityEntry } from '../../lib/activity/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ClientId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';
import { LogCategory, LogOutcome, SystemLogEntry } from '../../lib/system-log/repository.ts';

const ofClient = z.strictObject({ clientId: ClientId });

const SystemLogPage = pageOf('SystemLogPage', SystemLogEntry);

/** What happened to a client. */
export const traces = contract({
  listActivity: {
    method: 'GET',
    path: '/v1/clients/{clientId}/activity',
    tag: 'Traces',
    summary: 'List what was done to a client',
    description:
      'Who changed what when, of the client, its contacts, its documents and its linked users. Entries are never changed, and kept for ever or as long as the settings of the company say.',
    access: { role: 'viewer', module: 'clients' },
    params: ofClient,
    query: z.strictObject(listQuery),
    reply: {
      status: 200,
      description: 'A page of entries, newest first.',
      schema: pageOf('ActivityPage', ActivityEntry),
    },
    problems: ['not-found', 'bad-cursor'],
  },
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
      schema: SystemLogPage,
    },
    problems: ['not-found', 'bad-cursor'],
  },
  listCompanySystemLogs: {
    method: 'GET',
    path: '/v1/system-logs',
    tag: 'Traces',
    summary: 'List what the backend did for the company itself',
    description: 'What concerns no client, such as the invitations of staff. Entries are kept for 90 days.',
    access: { role: 'admin' },
    query: z.strictObject({ ...listQuery, category: LogCategory.optional(), outcome: LogOutcome.optional() }),
    reply: {
      status: 200,
      description: 'A page of entries, newest first.',
      schema: SystemLogPage,
    },
    problems: ['bad-cursor'],
  },
});
