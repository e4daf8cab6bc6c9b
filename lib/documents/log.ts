import { type ClientId, type CompanyId, idOfEvent, LogId } from '../shared/ids.ts';
import type { Write } from '../table/transaction.ts';
import type { DocumentRef } from './object-key.ts';

interface Entry {
  id: LogId;
  at: string;
  category: 'document';
  event: string;
  outcome: 'success' | 'failure';
  detail: string;
  subject: { type: string; id: string };
}

/** Writes of entries to the system log of a client. */
export interface DocumentLog {
  entry: (company: CompanyId, client: ClientId, entry: Entry) => Write;
  entryOnce: (company: CompanyId, client: ClientId, entry: Entry, refusal: () => Error) => Write;
}

interface DocumentEvent {
  event: 'received' | 'refused' | 'expired' | 'deleted';
  outcome: Entry['outcome'];
  detail: string;
  at: Date;
  /** Tells events of the same kind apart, such as the arrivals of several object versions. */
  discriminator?: string;
}

/** The log entry of an event of a document. Its id derives from the event, so a retry writes the same entry again. */
export function documentLogEntry(
  { id }: DocumentRef,
  { event, outcome, detail, at, discriminator = '' }: DocumentEvent,
): Entry {
  return {
    id: idOfEvent(LogId, 'log', at, `${id} ${event} ${discriminator}`),
    at: at.toISOString(),
    category: 'document',
    event: `document.${event}`,
    outcome,
    detail,
    subject: { type: 'document', id },
  };
}
