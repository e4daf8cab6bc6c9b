import * as z from 'zod';
import { activityFilters } from '../../lib/activity/query-schema.ts';
import { ActivityEntry } from '../../lib/activity/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { ClientId } from '../../lib/shared/ids.ts';
import { listQuery, pageOf } from '../../lib/shared/lists.ts';
import { LogCategory, LogOutcome, SystemLogEntry } from '../../lib/system-log/repository.ts';

const clientParams = z.strictObject({ clientId: ClientId });

const ActivityPage = pageOf('ActivityPage', ActivityEntry);
const SystemLogPage = pageOf('SystemLogPage', SystemLogEntry);

/** The activity of a client and the system logs. */
export const traces = contract({
  listActivity: {
    method: 'GET',
    path: '/v1/clients/{clientId}/activity',
    tag: 'Traces',
    summary: 'List the activity of a client',
    description:
      'Who changed what and when: the client, its contacts, its documents and its linked users. Entries never change. They are kept for ever, or for the time that the settings of the company define.',
    access: { role: 'viewer', module: 'clients' },
    params: clientParams,
    query: z.strictObject({ ...listQuery, ...activityFilters }),
    reply: { status: 200, description: 'A page of entries, newest first.', schema: ActivityPage },
    problems: ['not-found', 'bad-cursor'],
  },
  listCompanyActivity: {
    method: 'GET',
    path: '/v1/activity',
    tag: 'Traces',
    summary: 'List the activity of the company',
    description:
      'Who changed what and when, over all clients with their contacts, documents and linked users. An entry has the same id as in the activity of its client, and at most half a kilobyte of changes; `moreChanges` counts the others, which the activity of the client shows.',
    access: { role: 'viewer', module: 'clients' },
    query: z.strictObject({ ...listQuery, ...activityFilters }),
    reply: { status: 200, description: 'A page of entries, newest first.', schema: ActivityPage },
    problems: ['bad-cursor'],
  },
  listSystemLogs: {
    method: 'GET',
    path: '/v1/clients/{clientId}/system-logs',
    tag: 'Traces',
    summary: 'List the system log of a client',
    description:
      'What the backend did for the client, such as sending mail, with its outcome. Entries are kept for 90 days.',
    access: { role: 'viewer', module: 'clients' },
    params: clientParams,
    query: z.strictObject({ ...listQuery, category: LogCategory.optional(), outcome: LogOutcome.optional() }),
    examples: [{ query: { category: 'mail', outcome: 'failure' } }],
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
    summary: 'List the system log of the company',
    description:
      'What the backend did for the company itself, such as sending invitations to staff. Entries are kept for 90 days.',
    access: { role: 'admin' },
    query: z.strictObject({ ...listQuery, category: LogCategory.optional(), outcome: LogOutcome.optional() }),
    examples: [{ query: { category: 'mail' } }],
    reply: {
      status: 200,
      description: 'A page of entries, newest first.',
      schema: SystemLogPage,
    },
    problems: ['bad-cursor'],
  },
});
