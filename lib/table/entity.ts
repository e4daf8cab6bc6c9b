import * as z from 'zod';

/** A kind of item: its name, its schema, and the migrations of older versions. */
export interface Entity<S extends z.ZodType> {
  readonly name: string;
  readonly version: number;
  readonly schema: S;
  /** Migrations by the version of an item. Each makes the next version. */
  readonly migrations?: Readonly<Record<number, (item: Record<string, unknown>) => Record<string, unknown>>>;
}

const EntityAttributes = z.looseObject({ entity: z.string(), schemaVersion: z.int() });

/**
 * Parses an item with its entity's schema, after its migration to the present version.
 * @throws Error if the item is of another kind or does not match the schema, which means that the data is corrupt
 */
export function readItem<S extends z.ZodType>(entity: Entity<S>, item: Record<string, unknown>): z.output<S> {
  const attributes = EntityAttributes.parse(item);
  if (attributes.entity !== entity.name)
    throw new Error(`expected an item of ${entity.name}, found ${attributes.entity}`);
  let current: Record<string, unknown> = item;
  for (let version = attributes.schemaVersion; version < entity.version; version++) {
    const migrate = entity.migrations?.[version];
    if (!migrate) throw new Error(`no migration of ${entity.name} from version ${version}`);
    current = migrate(current);
  }
  return entity.schema.parse(current);
}

/** As `readItem`; undefined if there is no item. */
export function readItemIfAny<S extends z.ZodType>(
  entity: Entity<S>,
  item: Record<string, unknown> | undefined,
): z.output<S> | undefined {
  return item && readItem(entity, item);
}

/** The entity name of an item, to read a collection of several kinds. */
export function entityOf(item: Record<string, unknown>): string {
  return EntityAttributes.parse(item).entity;
}

/** A value as an item of its entity. It is validated, so that every stored item can be read. */
export function asItem<S extends z.ZodType>(entity: Entity<S>, value: z.input<S>): Record<string, unknown> {
  const parsed: unknown = entity.schema.parse(value);
  return { ...z.record(z.string(), z.unknown()).parse(parsed), entity: entity.name, schemaVersion: entity.version };
}
