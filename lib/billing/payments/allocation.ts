/** Part of a payment that pays for an invoice, in minor units. */
export interface Allocation<Id extends string = string> {
  readonly invoiceId: Id;
  readonly amount: number;
}

/** An invoice that waits for money. */
export interface OpenInvoice<Id extends string = string> {
  readonly id: Id;
  readonly due: number;
}

/** Divides an amount over invoices in the given order, each up to what is due. What is left over is not allocated. */
export function allocateInOrder<Id extends string>(amount: number, open: readonly OpenInvoice<Id>[]): Allocation<Id>[] {
  const allocations: Allocation<Id>[] = [];
  let left = amount;
  for (const { id, due } of open) {
    const part = Math.min(left, due);
    if (part > 0) allocations.push({ invoiceId: id, amount: part });
    left -= part;
  }
  return allocations;
}

/** What a payment still pays for, in minor units. */
export interface PaymentState<Id extends string = string> {
  readonly amount: number;
  readonly refunded: number;
  readonly allocations: readonly Allocation<Id>[];
  /** The part that became credit of the client. */
  readonly unallocated: number;
}

/** The parts of a refund: from invoices, which are owed again, and from credit. */
export interface RefundParts<Id extends string = string> {
  readonly allocations: readonly Allocation<Id>[];
  readonly fromCredit: number;
}

/**
 * Where a refund is taken from: first from the part of the payment that became credit, as far as the client still has that,
 * then from the invoices, the last allocation first. Undefined if the payment has less than the amount.
 */
export function refundParts<Id extends string>(
  payment: PaymentState<Id>,
  amount: number,
  creditLeft: number,
): RefundParts<Id> | undefined {
  const fromCredit = Math.min(amount, payment.unallocated, creditLeft);
  const allocations = allocateInOrder(
    amount - fromCredit,
    payment.allocations.map(({ invoiceId, amount: due }) => ({ id: invoiceId, due })).reverse(),
  );
  return fromCredit + totalOf(allocations) === amount ? { allocations, fromCredit } : undefined;
}

/** The payment after a refund. Allocations of which nothing is left are gone. */
export function withoutRefund<Id extends string, P extends PaymentState<Id>>(payment: P, parts: RefundParts<Id>): P {
  const taken = new Map(parts.allocations.map(({ invoiceId, amount }) => [invoiceId, amount]));
  return {
    ...payment,
    refunded: payment.refunded + parts.fromCredit + totalOf(parts.allocations),
    unallocated: payment.unallocated - parts.fromCredit,
    allocations: payment.allocations
      .map(({ invoiceId, amount }) => ({ invoiceId, amount: amount - (taken.get(invoiceId) ?? 0) }))
      .filter(({ amount }) => amount > 0),
  };
}

/** The sum of allocations, in minor units. */
export function totalOf(allocations: readonly Allocation[]): number {
  return allocations.reduce((total, { amount }) => total + amount, 0);
}
