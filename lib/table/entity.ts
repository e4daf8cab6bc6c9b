import type * as z from 'zod';
import type { Item } from './client.ts';

/** The schema of an item. */
export type ItemSchema = z.ZodType<Record<string, unknown>>;

/** A kind of item: its name, its schema, and the migrations of older versions. */
export interface Entity<S extends ItemSchema = ItemSchema> {
  readonly name: string;
  readonly version: number;
  readonly schema: S;
  /** Migrations by the version of an item. Each makes the next version. */
  readonly migrations?: Readonly<Record<number, (item: Item) => Item>>;
}

/**
 * An item after its migration to the present version of its entity. It was validated when it was written.
 * @throws Error if the item is of another kind, which means that the data is corrupt
 */
export function currentItem(entity: Entity, item: Item): Item {
  const { entity: name, schemaVersion } = item;
  if (name !== entity.name) throw new Error(`expected an item of ${entity.name}, found ${String(name)}`);
  if (typeof schemaVersion !== 'number') throw new Error(`an item of ${entity.name} has no version`);
  let current = item;
  for (let version = schemaVersion; version < entity.version; version++) {
    const migrate = entity.migrations?.[version];
    if (!migrate) throw new Error(`no migration of ${entity.name} from version ${version}`);
    current = migrate(current);
  }
  return current;
}

/**
 * Parses an item with its entity's schema, after its migration to the present version.
 * @throws Error if the item is of another kind or does not match the schema, which means that the data is corrupt
 */
export function readItem<S extends ItemSchema>(entity: Entity<S>, item: Item): z.output<S> {
  return entity.schema.parse(currentItem(entity, item));
}

/** As `readItem`; undefined if there is no item. */
export function readItemIfAny<S extends ItemSchema>(
  entity: Entity<S>,
  item: Item | undefined,
): z.output<S> | undefined {
  return item && readItem(entity, item);
}

/** The entity name of an item, to read a collection of several kinds. */
export function entityOf({ entity }: Item): string {
  if (typeof entity !== 'string') throw new Error('an item names no entity');
  return entity;
}

/** A value as an item of its entity. It is validated, so that every stored item can be read. */
export function asItem<S extends ItemSchema>(entity: Entity<S>, value: z.input<S>): Item {
  return { ...entity.schema.parse(value), entity: entity.name, schemaVersion: entity.version };
}
