import { BulkInput, BulkResult } from '../../lib/clients/bulk-schema.ts';
import { contract } from '../../lib/http/contract.ts';

/** Bulk actions on clients. They have a function of their own, because they take longer than anything else. */
export const clientBulk = contract({
  changeClients: {
    method: 'POST',
    path: '/v1/clients/bulk',
    tag: 'Clients',
    summary: 'Change many clients at once',
    description:
      'Runs one action on up to 500 clients. Each client succeeds or fails on its own, and the answer has a result for each.',
    access: { role: 'editor', module: 'clients' },
    body: BulkInput,
    examples: [
      { title: 'Archive', body: { action: 'archive', ids: ['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'] } },
      {
        title: 'Set the status',
        body: { action: 'setStatus', ids: ['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'], status: 'active' },
      },
      {
        title: 'Move to the group General',
        body: { action: 'setGroup', ids: ['cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'], groupId: null },
      },
    ],
    reply: { status: 200, description: 'The result for each client.', schema: BulkResult },
    problems: [],
  },
});
