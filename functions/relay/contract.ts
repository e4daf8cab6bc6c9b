import type { RelayRule } from '../../lib/relay/rule.ts';
import {
  documentDeletion,
  documentExpiry,
  groupDeletion,
  ledgerProof,
  logoRemoval,
  priceRemoval,
  queuedMail,
} from '../../lib/relay/rules.ts';

/** The relay rules of each function with a queue. The first rule that matches a record makes its message. */
export const relayed = {
  deletions: [groupDeletion, priceRemoval, documentDeletion, documentExpiry, logoRemoval],
  'mail-sender': [queuedMail],
  'ledger-proof': [ledgerProof],
} as const satisfies Record<string, readonly RelayRule[]>;

/** A function that gets messages from the relay. */
export type Destination = keyof typeof relayed;

/** The environment variable with the URL of a function's queue. */
export const queueVariable = (destination: string): string =>
  `${destination.replaceAll('-', '_').toUpperCase()}_QUEUE_URL`;
