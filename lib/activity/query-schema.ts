import * as z from 'zod';
import { Instant } from '../shared/text.ts';
import { endOfDay, startOfDay } from '../shared/time-zone.ts';
import { ActivityAction } from './schema.ts';

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
  from: TimeOrDay.optional().describe(
    'Only entries since this time, or since the beginning of this day in the time zone of the company.',
  ),
  to: TimeOrDay.optional().describe(
    'Only entries until this time, or until the end of this day in the time zone of the company.',
  ),
};

interface ActorAndActions {
  action?: readonly string[] | undefined;
  actor?: string | undefined;
}

/** The filters as a query gives them: a bound is a time or a day. */
export interface ActivityQuery extends ActorAndActions {
  from?: string | undefined;
  to?: string | undefined;
}

/** The filters with their bounds in epoch milliseconds, both inclusive. */
export interface ActivityFilter extends ActorAndActions {
  from?: number | undefined;
  to?: number | undefined;
}

/** The filters of a query of a company in a time zone. */
export function filterOfQuery({ from, to, ...others }: ActivityQuery, timezone: string): ActivityFilter {
  return {
    ...others,
    from: from === undefined ? undefined : Date.parse(isDay(from) ? startOfDay(from, timezone) : from),
    to: to === undefined ? undefined : Date.parse(isDay(to) ? endOfDay(to, timezone) : to),
  };
}

const isDay = (value: string) => !value.includes('T');
