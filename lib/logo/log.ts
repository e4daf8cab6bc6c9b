import { idOfEvent, LogId } from '../shared/ids.ts';
import type { SystemLogEntry } from '../system-log/repository.ts';
import type { LogoRef } from './object-key.ts';

interface LogoEvent {
  event: 'received' | 'refused' | 'removed';
  outcome: SystemLogEntry['outcome'];
  detail: string;
  at: Date;
  /** Tells events of the same kind apart, such as the arrivals of several object versions. */
  discriminator?: string;
}

/** The entry of an event of a logo. Its id derives from the event, so a retry writes the same entry again. */
export function logoLogEntry(
  { id }: LogoRef,
  { event, outcome, detail, at, discriminator = '' }: LogoEvent,
): SystemLogEntry {
  return {
    id: idOfEvent(LogId, 'log', at, `${id} ${event} ${discriminator}`),
    at: at.toISOString(),
    category: 'logo',
    event: `logo.${event}`,
    outcome,
    detail,
    subject: { type: 'logo', id },
  };
}
