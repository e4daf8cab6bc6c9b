import { isDeepStrictEqual } from 'node:util';
import { type CustomFieldShapes, choiceFingerprint, isShown, type Shape } from '../shared/custom-field-shapes.ts';
import { type InputFault, Problem } from '../shared/errors.ts';
import {
  type CustomFieldDefinition,
  type CustomFieldDefinitions,
  type Definitions,
  FIELD_NAMES,
} from './custom-fields.ts';

const SUBJECTS = ['client', 'contact'] as const;
type Subject = (typeof SUBJECTS)[number];
type FieldName = keyof Definitions;

/**
 * The names of fields whose definition was changed so that stored values may not fit it, or was removed. Of these fields only
 * values are shown that fit the present definition. A first definition hides nothing: it is no change of what values mean.
 */
export type NarrowedNames = Readonly<Record<Subject, string[]>>;

interface Fields {
  customFields: CustomFieldDefinitions;
  narrowedFields: NarrowedNames;
}

/** A field whose stored values may not be shown any more after a change. */
export interface NarrowedField {
  subject: Subject;
  name: FieldName;
  label: string;
  /** What is shown before the change, and after it. */
  before: Shape | undefined;
  after: Shape;
}

/** The fields that a change of the definitions may hide values of. */
export function findNarrowed(before: Fields, definitions: CustomFieldDefinitions): NarrowedField[] {
  const shown = shapesOf(before);
  return SUBJECTS.flatMap((subject) =>
    FIELD_NAMES.flatMap((name): NarrowedField[] => {
      const [old, next] = [before.customFields[subject][name], definitions[subject][name]];
      if (!old || (next && showsAll(shapeOf(old), shapeOf(next)))) return [];
      const after = shapeOf(next);
      return [{ subject, name, label: (next ?? old).label, before: shown[subject][name], after }];
    }),
  );
}

/** The names of the narrowed fields after a change. */
export function narrowedAfter(before: NarrowedNames, changed: readonly NarrowedField[]): Record<Subject, string[]> {
  const names = (subject: Subject) => {
    const added = changed.filter((field) => field.subject === subject).map(({ name }) => name);
    return [...new Set([...before[subject], ...added])].sort();
  };
  return { client: names('client'), contact: names('contact') };
}

/** What the stored values of the narrowed fields must be to be shown. */
export function shapesOf({ customFields, narrowedFields }: Fields): CustomFieldShapes {
  const shapes = (subject: Subject) =>
    Object.fromEntries(
      FIELD_NAMES.filter((name) => narrowedFields[subject].includes(name)).map((name) => [
        name,
        shapeOf(customFields[subject][name]),
      ]),
    );
  return { client: shapes('client'), contact: shapes('contact') };
}

/** The names of fields that were removed. They accept no value. */
export function removedFields({ customFields, narrowedFields }: Fields): Record<Subject, string[]> {
  const names = (subject: Subject) =>
    FIELD_NAMES.filter((name) => narrowedFields[subject].includes(name) && !customFields[subject][name]);
  return { client: names('client'), contact: names('contact') };
}

function shapeOf(definition: CustomFieldDefinition | undefined): Shape {
  if (!definition) return 'removed';
  const { kind, choices = [] } = definition;
  return kind === 'choice' ? choices.map(choiceFingerprint) : kind;
}

/** Whether a shape shows every value that another one shows. */
function showsAll(before: Shape, after: Shape): boolean {
  if (Array.isArray(before) && Array.isArray(after)) return before.every((choice) => after.includes(choice));
  return isDeepStrictEqual(before, after) || (after === 'text' && (before === 'date' || Array.isArray(before)));
}

type Values = Readonly<Record<string, unknown>>;

/** The custom values of some clients and of their contacts. */
export interface StoredValues {
  clients: readonly { client: Values; contacts: readonly Values[] }[];
  /** Whether these are all clients of the company. */
  isComplete: boolean;
}

/**
 * Refuses a change that would hide stored values, or might: not all clients of a large company are looked at.
 * @throws Problem `custom-field-in-use`, with a fault for each field that counts the clients
 */
export function assertNothingIsHidden(fields: readonly NarrowedField[], { clients, isComplete }: StoredValues): void {
  const errors = fields.flatMap(({ subject, name, label, before, after }): InputFault[] => {
    const isHidden = (values: Values) =>
      values[name] !== undefined && isShown(before, values[name]) && !isShown(after, values[name]);
    const count = clients.filter(({ client, contacts }) =>
      subject === 'client' ? isHidden(client) : contacts.some(isHidden),
    ).length;
    if (count === 0 && isComplete) return [];
    const many = count === 1 ? '1 client has' : `${count} clients have`;
    const whose = subject === 'client' ? 'a value' : 'contacts with a value';
    const detail =
      count > 0
        ? `${isComplete ? '' : 'at least '}${many} ${whose} that would no longer be shown`
        : `none of the ${clients.length} clients that were looked at has such a value, but there are more`;
    return [{ pointer: `/customFields/${subject}/${name}`, code: 'not-allowed', detail: `${label}: ${detail}.` }];
  });
  if (errors.length > 0) throw new Problem('custom-field-in-use', { errors });
}
