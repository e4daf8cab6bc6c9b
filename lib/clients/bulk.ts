import { Problem, problems } from '../shared/errors.ts';
import { ClientId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import { foldForComparison } from '../shared/text.ts';
import type { Commit } from '../table/transaction.ts';
import type { BulkInput, BulkResult } from './bulk-schema.ts';
import { withoutDuplicates } from './schema.ts';
import type { ClientService } from './service.ts';

/** How many clients are changed concurrently: enough to finish 500 in time, few enough not to throttle the table. */
const CONCURRENCY = 16;

export interface BulkDeps {
  clients: Pick<ClientService, 'archive' | 'restore' | 'patch'>;
  commit: Commit<unknown>;
  /** Called with the unexpected error of one client. The other clients are still changed. */
  report: (error: unknown, clientId: string) => void;
}

type Result = BulkResult['results'][number];

/** One action on many clients. Each client succeeds or fails on its own. */
export function bulkService({ clients, commit, report }: BulkDeps) {
  function runAction(principal: Principal, id: ClientId, input: BulkInput): Promise<unknown> {
    switch (input.action) {
      case 'archive':
        return clients.archive(principal, id, undefined, commit);
      case 'restore':
        return clients.restore(principal, id, undefined, commit);
      case 'setGroup':
        return clients.patch(principal, id, { groupId: input.groupId ?? null }, undefined);
      case 'setPricing':
        return clients.patch(principal, id, { pricingId: input.pricingId ?? null }, undefined);
      case 'setStatus':
        return clients.patch(principal, id, { status: input.status }, undefined);
      case 'addTags':
        return clients.patch(principal, id, ({ tags }) => ({ tags: withTags(tags, input.tags ?? []) }), undefined);
      case 'removeTags':
        return clients.patch(principal, id, ({ tags }) => ({ tags: withoutTags(tags, input.tags ?? []) }), undefined);
      case 'setSettings':
        return clients.patch(principal, id, { settings: input.settings ?? {} }, undefined);
    }
  }

  async function changeOne(principal: Principal, id: string, input: BulkInput): Promise<Result> {
    try {
      const parsed = ClientId.safeParse(id);
      if (!parsed.success) throw new Problem('not-found');
      await runAction(principal, parsed.data, input);
      return { id, status: 200 };
    } catch (error) {
      if (!(error instanceof Problem)) report(error, id);
      return { id, ...toFailure(error instanceof Problem ? error : new Problem('internal')) };
    }
  }

  return {
    /**
     * Runs the action for every id, 16 clients at a time. Each client costs as many calls as the same operation on it
     * alone.
     */
    async run(principal: Principal, input: BulkInput): Promise<BulkResult> {
      const ids = [...new Set(input.ids)];
      const results = new Map<string, Result>();
      const waiting = ids.values();
      const worker = async () => {
        for (const id of waiting) results.set(id, await changeOne(principal, id, input));
      };
      await Promise.all(Array.from({ length: CONCURRENCY }, worker));
      return { results: ids.flatMap((id) => results.get(id) ?? []) };
    },
  };
}

/** The tags with further ones. A tag that is there already keeps its spelling. */
const withTags = (tags: readonly string[], added: readonly string[]) => withoutDuplicates([...tags, ...added]);

function withoutTags(tags: readonly string[], removed: readonly string[]): string[] {
  const gone = new Set(removed.map(foldForComparison));
  return tags.filter((tag) => !gone.has(foldForComparison(tag)));
}

function toFailure({ code, status, message, errors }: Problem): Pick<Result, 'status' | 'problem'> {
  const { title } = problems[code];
  return {
    status,
    problem: {
      type: `/problems/${code}`,
      title,
      status,
      detail: message,
      ...(errors && { errors: errors.map((fault) => ({ ...fault })) }),
    },
  };
}
