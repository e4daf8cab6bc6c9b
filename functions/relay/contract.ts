import type { RelayRule } from '../../lib/relay/rule.ts';
import { documentDeletion, documentExpiry, groupDeletion, priceRemoval, queuedMail } from '../../lib/relay/rules.ts';

/** The rules of each function that has a queue: a record makes a message by the first rule that it matches. */
export const relayed = {
  deletions: [groupDeletion, priceRemoval, documentDeletion, documentExpiry],
  'mail-sender': [queuedMail],
} as const satisfies Record<string, readonly RelayRule[]>;

/** A function to whose queue the relay sends. */
export type Destination = keyof typeof relayed;

/** The variable that holds the URL of a function's queue. */
export const queueVariable = (destination: string): string =>
  `${destination.replaceAll('-', '_').toUpperCase()}_QUEUE_URL`;
