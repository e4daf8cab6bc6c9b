import type * as z from 'zod';
import { companyEntity } from '../accounts/schema.ts';
import { groupEntity } from '../groups/schema.ts';
import { numberingEntity } from '../numbers/schema.ts';
import { Problem } from '../shared/errors.ts';
import { type CompanyId, type GroupId, generalGroupId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, entityOf, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { getItem, getItems, queryAll } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { type CustomFieldDefinitions, definesAny } from './custom-fields.ts';
import { type LevelSettings, settingsEntity } from './schema.ts';

export type StoredSettings = z.output<typeof settingsEntity.schema>;
export type StoredNumbering = z.output<typeof numberingEntity.schema>;

/** The company level of the settings, with the counter of client numbers beside it. */
export function settingsRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** Settings and counter. One call. */
    async read(company: CompanyId): Promise<{ stored: StoredSettings; numbering: StoredNumbering }> {
      const items = await queryAll(table, ranges.settings(company));
      const one = (entity: string) => items.find((item) => entityOf(item) === entity);
      const [settings, numbering] = [one(settingsEntity.name), one(numberingEntity.name)];
      if (!settings || !numbering) throw new Problem('not-found');
      return { stored: readItem(settingsEntity, settings), numbering: readItem(numberingEntity, numbering) };
    },

    /** The definitions of the company's custom fields. One call. */
    async customFields(company: CompanyId): Promise<CustomFieldDefinitions> {
      const item = await getItem(table, keys.settings(company), true);
      if (!item) throw new Problem('not-found');
      return readItem(settingsEntity, item).customFields;
    },

    /**
     * The levels above a client, strongly consistent. One call. The clients of a group that is being deleted have the
     * settings of General at once, wherever each of them has got to.
     */
    async levelsAbove(company: CompanyId, groupId: GroupId): Promise<{ group: LevelSettings; company: LevelSettings }> {
      const general = generalGroupId(company);
      const [settings, ...groups] = await getItems(
        table,
        [
          keys.settings(company),
          keys.group(company, groupId),
          ...(groupId === general ? [] : [keys.group(company, general)]),
        ],
        true,
      );
      if (!settings) throw new Problem('not-found');
      const active = groups
        .flatMap((item) => (item ? [readItem(groupEntity, item)] : []))
        .find(({ status }) => status === 'active');
      return { group: active?.settings ?? {}, company: readItem(settingsEntity, settings).settings };
    },

    /** The name of a group; undefined where there is none that takes clients. One call. */
    async groupName(company: CompanyId, id: GroupId): Promise<string | undefined> {
      const item = await getItem(table, keys.group(company, id), true);
      const group = item && readItem(groupEntity, item);
      return group?.status === 'active' ? group.name : undefined;
    },

    /** Those of the numbers that clients have. One call. */
    async takenNumbers(company: CompanyId, numbers: readonly string[]): Promise<string[]> {
      const guards = await getItems(
        table,
        numbers.map((number) => keys.clientNumber(company, number)),
      );
      return numbers.filter((_, index) => guards[index] !== undefined);
    },

    /**
     * Writes settings over version `seen`; the counter only where it changes, and its place only where that was moved, so
     * that clients who are created meanwhile keep counting. One call.
     */
    async replace(
      company: CompanyId,
      next: StoredSettings,
      seen: number,
      counter: { next: StoredNumbering; moved: boolean } | undefined,
    ): Promise<void> {
      const { currency, language, timezone } = next.settings;
      const changes: Write[] = [
        on.replace(keys.settings(company), asItem(settingsEntity, next), seen, () => new Problem('stale-version')),
        on.update(keys.company(company), {
          UpdateExpression:
            'SET currency = :currency, #language = :language, #timezone = :timezone, customFieldsDefined = :defined, activityDays = :activityDays',
          ConditionExpression: '#entity = :company',
          ExpressionAttributeNames: { '#language': 'language', '#timezone': 'timezone', '#entity': 'entity' },
          ExpressionAttributeValues: {
            ':currency': currency,
            ':language': language,
            ':timezone': timezone,
            ':defined': definesAny(next.customFields),
            ':activityDays': next.retention.activityDays,
            ':company': companyEntity.name,
          },
        }),
      ];
      if (counter) {
        const { pattern, reset, period, next: place } = counter.next;
        changes.push(
          on.update(keys.numbering(company), {
            UpdateExpression: `SET #pattern = :pattern, #reset = :reset, #period = :period${counter.moved ? ', #next = :next' : ''}`,
            ExpressionAttributeNames: {
              '#pattern': 'pattern',
              '#reset': 'reset',
              '#period': 'period',
              ...(counter.moved && { '#next': 'next' }),
            },
            ExpressionAttributeValues: {
              ':pattern': pattern,
              ':reset': reset,
              ':period': period,
              ...(counter.moved && { ':next': place }),
            },
          }),
        );
      }
      await transact(table, changes);
    },
  };
}

export type SettingsRepository = ReturnType<typeof settingsRepository>;
