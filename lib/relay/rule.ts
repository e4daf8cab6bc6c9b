import * as z from 'zod';
import { CompanyId } from '../shared/ids.ts';
import type { Entity } from '../table/entity.ts';

/** Attributes that a message can copy from an item: texts and numbers. */
type Attributes = Record<string, z.ZodType<string | number>>;

/** Selects stream records that make a message, and the attributes of the item that the message copies. */
export interface RelayRule {
  /** Identifies the message to its consumer. */
  readonly kind: string;
  /** The name of the item's entity. */
  readonly entity: string;
  /** The item's status after the change, or before its removal; undefined for any status. */
  readonly status: string | undefined;
  /** True for the removal of an item, false for its creation and changes. */
  readonly removed: boolean;
  readonly attributes: readonly string[];
}

/**
 * A rule together with the schema of its messages, so that the relay and the consumer cannot disagree. `attributes` picks
 * from the entity's schema. Pick ids, numbers and codes, but nothing personal, because messages reach logs.
 */
export function relayRule<K extends string, S extends z.ZodObject, A extends Attributes>(rule: {
  kind: K;
  entity: Entity<S>;
  status?: NonNullable<z.output<S>['status']> & string;
  removed?: true;
  attributes: (schema: S) => z.ZodObject<A>;
}) {
  const { shape } = rule.attributes(rule.entity.schema);
  return {
    kind: rule.kind,
    entity: rule.entity.name,
    status: rule.status,
    removed: rule.removed ?? false,
    attributes: Object.keys(shape),
    message: z.object({ ...shape, kind: z.literal(rule.kind), company: CompanyId }),
  } satisfies RelayRule & { message: z.ZodType };
}
