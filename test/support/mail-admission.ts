import { mailAdmissionServices } from '../../lib/mail/admission-wiring.ts';
import type { Limit, MailLimits } from '../../lib/rate-limits/schema.ts';
import type { Source } from '../../lib/shared/source.ts';
import type { Table } from '../../lib/table/client.ts';

/** A limit that no test reaches. */
export const UNLIMITED: Limit = { hour: 1_000_000, day: 1_000_000 };
export const UNLIMITED_MAIL: MailLimits = { mailbox: UNLIMITED, contact: UNLIMITED, company: UNLIMITED };

/** What admits mails within these limits, by default any number. */
export const mailAdmissionOf = (table: Table, source: Source, limits: Partial<MailLimits> = {}) =>
  mailAdmissionServices({ table, source }, { ...UNLIMITED_MAIL, ...limits });
