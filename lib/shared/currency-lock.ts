import { Problem } from './errors.ts';

interface HolderOfAccount {
  readonly settings: { readonly currency?: string | undefined };
  readonly balances: readonly { readonly currency: string }[];
  readonly ledger: { readonly entries: number };
}

/**
 * A client with transactions keeps its currency. To give it the currency of all its balances is no change.
 * @throws Problem `currency-locked`
 */
export function assertCurrencyStays(before: HolderOfAccount, after: HolderOfAccount): void {
  const { currency } = after.settings;
  if (before.ledger.entries === 0 || before.settings.currency === currency) return;
  if (!before.balances.every((balance) => balance.currency === currency)) throw new Problem('currency-locked');
}
