import { BulkInput, BulkResult } from '../../lib/clients/bulk-schema.ts';
import { contract } from '../../lib/http/contract.ts';

/** Many clients at once: a function of its own, because it takes longer than any other. */
export const clientBulk = contract({
  changeClients: {
    method: 'POST',
    path: '/v1/clients/bulk',
    tag: 'Clients',
    summary: 'Change many clients at once',
    description:
      'Each for itself, with an answer for each: what is refused for one changes nothing for the others. Up to 500.',
    access: { role: 'editor', module: 'clients' },
    body: BulkInput,
    reply: { status: 200, description: 'What became of each client.', schema: BulkResult },
    problems: [],
  },
});
