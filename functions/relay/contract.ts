/** Records of the table's stream that something is to be done about. */
export interface Relayed {
  /** Kind of item. */
  readonly entity: string;
  /** What its status is after the change. @default any, or none */
  readonly status?: string;
  /** When the item is gone; its status is then the one that it had last. @default when it is there */
  readonly gone?: true;
  /** Attributes that the message takes along: ids, numbers and codes, never anything personal. */
  readonly pass: readonly string[];
}

/** Which records go to the queue of which function. */
export const relayed = {
  deletions: [
    { entity: 'group', status: 'deleting', pass: ['id', 'version'] },
    { entity: 'removal', pass: ['of'] },
    { entity: 'document', status: 'deleting', pass: ['clientId', 'id'] },
    { entity: 'document', status: 'pending', gone: true, pass: ['clientId', 'id', 'part', 'ttl'] },
  ],
  'mail-sender': [{ entity: 'mail', status: 'queued', pass: ['mailId', 'version'] }],
} as const satisfies Record<string, readonly Relayed[]>;

/** A function that the relay hands things to. */
export type Destination = keyof typeof relayed;

/** The variable that holds the URL of a function's queue. */
export const queueVariable = (destination: string): string =>
  `${destination.replaceAll('-', '_').toUpperCase()}_QUEUE_URL`;
