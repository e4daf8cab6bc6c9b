import type * as z from 'zod';
import { companyEntity } from '../accounts/schema.ts';
import { groupEntity } from '../groups/schema.ts';
import { DEFAULT_RECORD_NUMBERING, type NumberingName, numberedBy, numberingEntity } from '../numbers/schema.ts';
import { Problem } from '../shared/errors.ts';
import { type CompanyId, type GroupId, generalGroupId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, entityOf, readItem } from '../table/entity.ts';
import { keys, type NumberedKind, ranges } from '../table/keys.ts';
import { getItem, getItems, queryAll } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import { removedFields, shapesOf } from './custom-field-changes.ts';
import { type CustomFieldDefinitions, definesAny } from './custom-fields.ts';
import { type LevelSettings, settingsEntity } from './schema.ts';

export type StoredSettings = z.output<typeof settingsEntity.schema>;
export type StoredNumbering = z.output<typeof numberingEntity.schema>;
export type StoredNumberings = Readonly<Record<NumberingName, StoredNumbering>>;

/** A new value of a counter. Its next number is written only if it was changed. */
export interface NumberingChange {
  readonly name: NumberingName;
  readonly numbering: StoredNumbering;
  readonly nextChanged: boolean;
}

/** The period of a counter that has not counted: its first number begins a period. */
const NO_PERIOD = '';

/** The definitions of custom fields, and the fields that were removed. */
export type CustomFieldRules = CustomFieldDefinitions & { removed: ReturnType<typeof removedFields> };

/** The company's settings, and the counters of its numbers. */
export function settingsRepository(table: Table) {
  const on = writes(table.name);

  function numberingWrite(company: CompanyId, { name, numbering, nextChanged }: NumberingChange): Write {
    const { pattern, reset, period, next } = numbering;
    // A company that has not numbered such records yet has no counter.
    const nextValue = nextChanged ? ':next' : 'if_not_exists(#next, :next)';
    return on.update(keys.numbering(company, numberedBy[name]), {
      UpdateExpression: `SET #entity = :entity, schemaVersion = :version, #pattern = :pattern, #reset = :reset, #period = :period, #next = ${nextValue}`,
      ExpressionAttributeNames: {
        '#entity': 'entity',
        '#pattern': 'pattern',
        '#reset': 'reset',
        '#period': 'period',
        '#next': 'next',
      },
      ExpressionAttributeValues: {
        ':entity': numberingEntity.name,
        ':version': numberingEntity.version,
        ':pattern': pattern,
        ':reset': reset,
        ':period': period,
        ':next': next,
      },
    });
  }

  return {
    /** Settings and counters. One call. */
    async read(company: CompanyId): Promise<{ stored: StoredSettings; numberings: StoredNumberings }> {
      const items = await queryAll(table, ranges.settings(company));
      const settings = items.find((item) => entityOf(item) === settingsEntity.name);
      const numberingOf = (kind: 'client' | NumberedKind) => {
        const item = items.find(({ SK }) => SK === keys.numbering(company, kind).SK);
        return item && readItem(numberingEntity, item);
      };
      const clientNumber = numberingOf('client');
      if (!settings || !clientNumber) throw new Problem('not-found');
      return {
        stored: readItem(settingsEntity, settings),
        numberings: {
          clientNumber,
          invoiceNumber: numberingOf('invoice') ?? { ...DEFAULT_RECORD_NUMBERING.invoice, period: NO_PERIOD },
          creditNoteNumber: numberingOf('credit') ?? { ...DEFAULT_RECORD_NUMBERING.credit, period: NO_PERIOD },
        },
      };
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
    async levelsAbove(
      company: CompanyId,
      groupId: GroupId,
    ): Promise<{ group: LevelSettings; company: LevelSettings; stored: StoredSettings }> {
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
      const stored = readItem(settingsEntity, settings);
      return { group: active?.settings ?? {}, company: stored.settings, stored };
    },

    /** The name of an active group; undefined if there is no such group. One call. */
    async groupName(company: CompanyId, id: GroupId): Promise<string | undefined> {
      const item = await getItem(table, keys.group(company, id), true);
      const group = item && readItem(groupEntity, item);
      return group?.status === 'active' ? group.name : undefined;
    },

    /** The numbers that records already have. One call. */
    async takenNumbers(company: CompanyId, name: NumberingName, numbers: readonly string[]): Promise<string[]> {
      const kind = numberedBy[name];
      const guardOf = (number: string) =>
        kind === 'client' ? keys.clientNumber(company, number) : keys.recordNumber(company, kind, number);
      // Random parts can make a number twice, and one call accepts no key twice.
      const distinct = [...new Set(numbers)];
      const guards = await getItems(table, distinct.map(guardOf));
      const taken = new Set(distinct.filter((_, index) => guards[index] !== undefined));
      return numbers.filter((number) => taken.has(number));
    },

    /**
     * Replaces settings that still have version `seen`. Writes a counter only if it changes, and its next value only if that
     * was changed, so that records that are numbered at the same time still count. One call.
     * @throws Problem `stale-version`
     */
    async replace(
      company: CompanyId,
      next: StoredSettings,
      seen: number,
      counters: readonly NumberingChange[],
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
      changes.push(...counters.map((change) => numberingWrite(company, change)));
      await transact(table, changes);
    },
  };
}

export type SettingsRepository = ReturnType<typeof settingsRepository>;
