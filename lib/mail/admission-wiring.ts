import { rateLimiter } from '../rate-limits/rate-limiter.ts';
import type { MailLimits } from '../rate-limits/schema.ts';
import type { ServiceDeps } from '../table/service-deps.ts';
import { mailAdmission } from './admission.ts';

/** What admits mails to the outbox, within the limits of the installation. */
export function mailAdmissionServices({ table, source }: ServiceDeps, limits: MailLimits) {
  return mailAdmission({ limiter: rateLimiter(table, source), limits, source });
}
