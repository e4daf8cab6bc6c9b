import { invalid } from '../shared/errors.ts';
import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { shardedCounter } from '../table/sharded-counter.ts';
import type { Write } from '../table/transaction.ts';
import type { StoredClient } from './schema.ts';

type Member = Pick<StoredClient, 'id' | 'groupId' | 'pricingId'>;

export const NO_SUCH_GROUP = { pointer: '/groupId', code: 'not-found', detail: 'There is no such group.' };
export const NO_SUCH_PRICING = { pointer: '/pricingId', code: 'not-found', detail: 'There is no such pricing.' };

/**
 * The writes that count a client in and out of its group and its pricing, for the transaction that writes the client
 * itself: so nobody can join a group that is being deleted, or a pricing that is just going. General counts nobody, because
 * it stays. `before` is undefined for a client that comes, `after` for one that goes.
 */
export function membership(table: Table) {
  const counted = shardedCounter(table);

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
        ...(from === undefined ? [] : [counted.decrement(company, from, id)]),
        ...(to === undefined ? [] : [counted.increment(company, to, id, refusal)]),
      ];
    });
  };
}
