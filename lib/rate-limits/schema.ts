import * as z from 'zod';

/** How often something may happen in an hour and in a day, both of UTC. */
const Limit = z.object({ hour: z.int().positive(), day: z.int().positive() });
export type Limit = z.output<typeof Limit>;

/** The limits of mail: to one mailbox from all companies, to one contact or user of a company, and of one company. */
const MailLimits = z.object({ mailbox: Limit, contact: Limit, company: Limit });
export type MailLimits = z.output<typeof MailLimits>;

/** A limit of the function's environment, which is JSON. @throws ZodError */
export const parseLimit = (text: string): Limit => Limit.parse(JSON.parse(text));

/** The limits of mail of the function's environment, which are JSON. @throws ZodError */
export const parseMailLimits = (text: string): MailLimits => MailLimits.parse(JSON.parse(text));
