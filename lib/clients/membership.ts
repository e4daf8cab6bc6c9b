import { invalid } from '../shared/errors.ts';
import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { shardedCounter } from '../table/sharded-counter.ts';
import type { Write } from '../table/transaction.ts';
import type { StoredClient } from './schema.ts';

type Member = Pick<StoredClient, 'id' | 'groupId' | 'pricingId'>;

export const NO_SUCH_GROUP = { pointer: '/groupId', code: 'not-found', detail: 'There is no such group.' } as const;
export const NO_SUCH_PRICING = {
  pointer: '/pricingId',
  code: 'not-found',
  detail: 'There is no such pricing.',
} as const;

/**
 * The writes that update the member counters of groups and pricings, for the transaction that writes the client itself.
 * A counter that is sealed refuses them, so that no client joins a group or a pricing while it is being deleted. The
 * group General has no counter, because it cannot be deleted. `before` is undefined for a new client, `after` for a
 * deleted one.
 */
export function membership(table: Table) {
  const counter = shardedCounter(table);

  return (company: CompanyId, before: Member | undefined, after: Member | undefined): Write[] => {
    const general = generalGroupId(company);
    const group = (member: Member | undefined) => (member?.groupId === general ? undefined : member?.groupId);
    const moves = [
      { from: group(before), to: group(after), refusal: () => invalid(NO_SUCH_GROUP) },
      {
        from: before?.pricingId ?? undefined,
        to: after?.pricingId ?? undefined,
        refusal: () => invalid(NO_SUCH_PRICING),
      },
    ];
    const id = after?.id ?? before?.id ?? '';
    return moves.flatMap(({ from, to, refusal }) => {
      if (from === to) return [];
      return [
        ...(from === undefined ? [] : [counter.decrement(company, from, id)]),
        ...(to === undefined ? [] : [counter.increment(company, to, id, refusal)]),
      ];
    });
  };
}
