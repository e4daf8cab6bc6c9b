import * as z from 'zod';
import { Instant } from '../shared/text.ts';
import { ActivityAction } from './schema.ts';

const DAY_MS = 86_400_000;

const ACTION = ActivityAction.options.map((action) => action.replaceAll('.', '\\.')).join('|');

/** One or more actions, separated by commas. */
const Actions = z
  .string()
  .max(1000, { abort: true })
  .regex(new RegExp(`^(?:${ACTION})(?:,(?:${ACTION}))*$`), 'must be one or more actions, separated by commas')
  .meta({ examples: ['client.updated'] })
  .transform((value) => [...new Set(value.split(','))]);

const TimeOrDay = z.union([Instant, z.iso.date()]);

/** The query parameters by which the activity is filtered. */
export const activityFilters = {
  action: Actions.optional().describe('Only entries with one of these actions, separated by commas.'),
  actor: z
    .string()
    .regex(
      /^(?:user|token|contact|system|[a-z]{2,4}_[0-9A-Z]{26})$/,
      'must be an id, or user, token, contact or system',
    )
    .optional()
    .describe('Only what this actor did, by its id; or the actors of a kind: `user`, `token`, `contact` or `system`.')
    .meta({ examples: ['user'] }),
  from: TimeOrDay.optional().describe('Only entries since this time, or since the beginning of this day in UTC.'),
  to: TimeOrDay.optional().describe('Only entries until this time, or until the end of this day in UTC.'),
};

export interface ActivityFilter {
  action?: readonly string[] | undefined;
  actor?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** The bounds of a filter in epoch milliseconds, both inclusive; undefined where there is none. */
export function timesOf({ from, to }: ActivityFilter): { from: number | undefined; to: number | undefined } {
  const isDay = (value: string) => !value.includes('T');
  return {
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to) + (isDay(to) ? DAY_MS - 1 : 0),
  };
}
