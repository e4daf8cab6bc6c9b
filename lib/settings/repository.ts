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
import { removedFields, shapesOf } from './custom-field-changes.ts';
import { type CustomFieldDefinitions, definesAny } from './custom-fields.ts';
import { type LevelSettings, settingsEntity } from './schema.ts';

export type StoredSettings = z.output<typeof settingsEntity.schema>;
export type StoredNumbering = z.output<typeof numberingEntity.schema>;

/** The definitions of custom fields, and the fields that were removed. */
export type CustomFieldRules = CustomFieldDefinitions & { removed: ReturnType<typeof removedFields> };

/** The company's settings, and the counter of its client numbers. */
export function settingsRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** Settings and counter. One call. */
    async read(company: CompanyId): Promise<{ stored: StoredSettings; numbering: StoredNumbering }> {
      const items = await queryAll(table, ranges.settings(company));
      const itemOf = (entity: string) => items.find((item) => entityOf(item) === entity);
      const [settings, numbering] = [itemOf(settingsEntity.name), itemOf(numberingEntity.name)];
      if (!settings || !numbering) throw new Problem('not-found');
      return { stored: readItem(settingsEntity, settings), numbering: readItem(numberingEntity, numbering) };
    },

    /** The definitions of the company's custom fields. One call. */
    async customFields(company: CompanyId): Promise<CustomFieldRules> {
      const item = await getItem(table, keys.settings(company), true);
      if (!item) throw new Problem('not-found');
      const settings = readItem(settingsEntity, item);
      return { ...settings.customFields, removed: removedFields(settings) };
    },

    /**
     * The levels above a client, strongly consistent. One call. As soon as a group is being deleted, its clients have the
     * settings of General, even those that have not moved yet.
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

    /** The name of an active group; undefined if there is no such group. One call. */
    async groupName(company: CompanyId, id: GroupId): Promise<string | undefined> {
      const item = await getItem(table, keys.group(company, id), true);
      const group = item && readItem(groupEntity, item);
      return group?.status === 'active' ? group.name : undefined;
    },

    /** The numbers that clients already have. One call. */
    async takenNumbers(company: CompanyId, numbers: readonly string[]): Promise<string[]> {
      // Random parts can make a number twice, and one call accepts no key twice.
      const distinct = [...new Set(numbers)];
      const guards = await getItems(
        table,
        distinct.map((number) => keys.clientNumber(company, number)),
      );
      const taken = new Set(distinct.filter((_, index) => guards[index] !== undefined));
      return numbers.filter((number) => taken.has(number));
    },

    /**
     * Replaces settings that still have version `seen`. Writes the counter only if it changes, and its next value only if that
     * was changed, so that concurrent creations of clients still count. One call.
     * @throws Problem `stale-version`
     */
    async replace(
      company: CompanyId,
      next: StoredSettings,
      seen: number,
      counter: { numbering: StoredNumbering; nextChanged: boolean } | undefined,
    ): Promise<void> {
      const { currency, language, timezone } = next.settings;
      const changes: Write[] = [
        on.replace(keys.settings(company), asItem(settingsEntity, next), seen, () => new Problem('stale-version')),
        on.update(keys.company(company), {
          UpdateExpression:
            'SET currency = :currency, #language = :language, #timezone = :timezone, customFieldsDefined = :defined, customFieldShapes = :shapes, activityDays = :activityDays',
          ConditionExpression: '#entity = :company',
          ExpressionAttributeNames: { '#language': 'language', '#timezone': 'timezone', '#entity': 'entity' },
          ExpressionAttributeValues: {
            ':currency': currency,
            ':language': language,
            ':timezone': timezone,
            ':defined':
              definesAny(next.customFields) || Object.values(next.narrowedFields).some(({ length }) => length > 0),
            ':shapes': shapesOf(next),
            ':activityDays': next.retention.activityDays,
            ':company': companyEntity.name,
          },
        }),
      ];
      if (counter) {
        const { pattern, reset, period, next: nextNumber } = counter.numbering;
        changes.push(
          on.update(keys.numbering(company), {
            UpdateExpression: `SET #pattern = :pattern, #reset = :reset, #period = :period${counter.nextChanged ? ', #next = :next' : ''}`,
            ExpressionAttributeNames: {
              '#pattern': 'pattern',
              '#reset': 'reset',
              '#period': 'period',
              ...(counter.nextChanged && { '#next': 'next' }),
            },
            ExpressionAttributeValues: {
              ':pattern': pattern,
              ':reset': reset,
              ':period': period,
              ...(counter.nextChanged && { ':next': nextNumber }),
            },
          }),
        );
      }
      await transact(table, changes);
    },
  };
}

export type SettingsRepository = ReturnType<typeof settingsRepository>;
