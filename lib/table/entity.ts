import * as z from 'zod';

/** A kind of item: its name, its schema, and how items of older versions become items of this one. */
export interface Entity<S extends z.ZodType> {
  readonly name: string;
  readonly version: number;
  readonly schema: S;
  /** By the version that an item has: makes the next version of it. */
  readonly migrations?: Readonly<Record<number, (item: Record<string, unknown>) => Record<string, unknown>>>;
}

const Marks = z.looseObject({ entity: z.string(), schemaVersion: z.int() });

/**
 * An item as its entity's type, brought up to the present version.
 * @throws Error when the item is of another kind or does not fit: the table holds something that no code wrote.
 */
export function readItem<S extends z.ZodType>(entity: Entity<S>, item: Record<string, unknown>): z.output<S> {
  const marks = Marks.parse(item);
  if (marks.entity !== entity.name) throw new Error(`expected an item of ${entity.name}, found ${marks.entity}`);
  let current: Record<string, unknown> = item;
  for (let version = marks.schemaVersion; version < entity.version; version++) {
    const migrate = entity.migrations?.[version];
    if (!migrate) throw new Error(`no migration of ${entity.name} from version ${version}`);
    current = migrate(current);
  }
  return entity.schema.parse(current);
}

/** As `readItem`; undefined for no item. */
export function readItemIfAny<S extends z.ZodType>(
  entity: Entity<S>,
  item: Record<string, unknown> | undefined,
): z.output<S> | undefined {
  return item && readItem(entity, item);
}

/** The kind of an item, for reading a collection of several kinds. */
export function entityOf(item: Record<string, unknown>): string {
  return Marks.parse(item).entity;
}

/** A value as item of its entity, checked before it is written. */
export function asItem<S extends z.ZodType>(entity: Entity<S>, value: z.input<S>): Record<string, unknown> {
  const parsed: unknown = entity.schema.parse(value);
  return { ...z.record(z.string(), z.unknown()).parse(parsed), entity: entity.name, schemaVersion: entity.version };
}
