import { type ClientId, type CompanyId, idOfEvent, LogId } from '../shared/ids.ts';
import type { Write } from '../table/transaction.ts';
import type { DocumentPlace } from './object-key.ts';

interface Entry {
  id: LogId;
  at: string;
  category: 'document';
  event: string;
  outcome: 'success' | 'failure';
  detail: string;
  subject: { type: string; id: string };
}

/** The client's system log, as far as documents write to it. */
export interface DocumentLog {
  entry: (company: CompanyId, client: ClientId, entry: Entry) => Write;
  entryOnce: (company: CompanyId, client: ClientId, entry: Entry, refusal: () => Error) => Write;
}

interface Happening {
  event: 'received' | 'refused' | 'expired' | 'deleted';
  outcome: Entry['outcome'];
  detail: string;
  at: Date;
  /** What of several happenings of the same kind this one is of. */
  of?: string;
}

/** The entry of what happened to a document: whoever writes it again writes the same one. */
export function documentEntry({ id }: DocumentPlace, { event, outcome, detail, at, of = '' }: Happening): Entry {
  return {
    id: idOfEvent(LogId, 'log', at, `${id} ${event} ${of}`),
    at: at.toISOString(),
    category: 'document',
    event: `document.${event}`,
    outcome,
    detail,
    subject: { type: 'document', id },
  };
}
