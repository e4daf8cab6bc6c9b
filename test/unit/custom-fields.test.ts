import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assertNothingIsHidden, findNarrowed, shapesOf } from '../../lib/settings/custom-field-changes.ts';
import { CustomFieldDefinition, customFieldFaults } from '../../lib/settings/custom-fields.ts';
import { withShownClientFields } from '../../lib/shared/custom-field-shapes.ts';

const definition = fc.oneof(
  fc.record({ label: fc.constant('A label'), kind: fc.constantFrom('text', 'number', 'date', 'boolean' as const) }),
  fc.record({
    label: fc.constant('A label'),
    kind: fc.constant('choice' as const),
    choices: fc.uniqueArray(fc.constantFrom('gold', 'silver', 'bronze'), { minLength: 1 }),
  }),
);
const maybeRequired = fc
  .tuple(definition, fc.option(fc.boolean(), { nil: undefined }))
  .map(([one, required]) => (required === undefined ? one : { ...one, required }));
const definitions = fc.record(
  { custom1: maybeRequired, custom2: maybeRequired, custom3: maybeRequired, custom4: maybeRequired },
  { requiredKeys: [] },
);
const value = fc.oneof(fc.boolean(), fc.integer(), fc.constantFrom('gold', 'text', '2026-01-31', '2026-02-30'));
const values = fc.record({ custom1: value, custom2: value, custom3: value, custom4: value }, { requiredKeys: [] });

const codes = (kind: CustomFieldDefinition, given: unknown) =>
  customFieldFaults({ custom1: kind }, given === undefined ? {} : { custom1: given }, '/customFields').map(
    ({ pointer, code }) => `${pointer} ${code}`,
  );

describe('a value of a custom field', () => {
  it.each([
    [{ label: 'A', kind: 'text' }, 'gold', []],
    [{ label: 'A', kind: 'text' }, 7, ['/customFields/custom1 wrong-type']],
    [{ label: 'A', kind: 'number' }, 7.5, []],
    [{ label: 'A', kind: 'number' }, '7', ['/customFields/custom1 wrong-type']],
    [{ label: 'A', kind: 'boolean' }, false, []],
    [{ label: 'A', kind: 'boolean' }, 'no', ['/customFields/custom1 wrong-type']],
    [{ label: 'A', kind: 'date' }, '2026-02-28', []],
    [{ label: 'A', kind: 'date' }, '2026-02-30', ['/customFields/custom1 wrong-format']],
    [{ label: 'A', kind: 'choice', choices: ['gold'] }, 'gold', []],
    [{ label: 'A', kind: 'choice', choices: ['gold'] }, 'silver', ['/customFields/custom1 not-allowed']],
    [{ label: 'A', kind: 'text', required: true }, undefined, ['/customFields/custom1 required']],
    [{ label: 'A', kind: 'text' }, undefined, []],
  ] as const)('under %j: %j', (kind, given, expected) => {
    expect(codes(CustomFieldDefinition.parse(kind), given)).toEqual(expected);
  });

  it('any value is accepted for a field without a definition', () => {
    expect(customFieldFaults({}, { custom1: 7, custom2: 'x' }, '/customFields')).toEqual([]);
  });

  it('a value that a change does not touch is never an error, even if the definition has changed', () => {
    fc.assert(
      fc.property(definitions, values, values, (defined, before, change) => {
        const after = { ...before, ...change };
        expect(customFieldFaults(defined, before, '', before)).toEqual([]);
        const touched = new Set(
          Object.keys(change).filter((field) => Reflect.get(before, field) !== Reflect.get(change, field)),
        );
        for (const { pointer } of customFieldFaults(defined, after, '', before))
          expect(touched).toContain(pointer.slice(1));
      }),
    );
  });
});

describe('a definition of a custom field', () => {
  it.each([
    [{ label: 'Tier', kind: 'choice' }, ['choices']],
    [{ label: 'Tier', kind: 'choice', choices: [] }, ['choices']],
    [{ label: 'Tier', kind: 'text', choices: ['a'] }, ['choices']],
    [{ label: 'Tier', kind: 'choice', choices: ['a', 'a'] }, ['choices', 1]],
    [{ label: '', kind: 'text' }, ['label']],
    [{ label: 'Tier', kind: 'colour' }, ['kind']],
  ])('%j is refused', (given, path) => {
    const result = CustomFieldDefinition.safeParse(given);
    expect(result.error?.issues.map((issue) => issue.path)).toContainEqual(path);
  });
});

describe('values under a changed definition', () => {
  const nothing = { client: [], contact: [] };
  const text = { label: 'Seat', kind: 'text' as const };
  const fields = (custom1?: CustomFieldDefinition) => ({ client: { ...(custom1 && { custom1 }) }, contact: {} });
  const narrowed = (before: CustomFieldDefinition, after?: CustomFieldDefinition) =>
    findNarrowed({ customFields: fields(before), narrowedFields: nothing }, fields(after)).map(({ name }) => name);
  const choice = (...choices: string[]): CustomFieldDefinition => ({ label: 'Tier', kind: 'choice', choices });

  it('a first definition, another label and more choices can hide nothing', () => {
    expect(findNarrowed({ customFields: fields(), narrowedFields: nothing }, fields(text))).toEqual([]);
    expect(narrowed(text, { ...text, label: 'Place', required: true })).toEqual([]);
    expect(narrowed(choice('gold'), choice('gold', 'silver'))).toEqual([]);
    expect(narrowed(choice('gold'), text)).toEqual([]);
    expect(narrowed({ label: 'Born', kind: 'date' }, text)).toEqual([]);
  });

  it('another kind, fewer choices and a removal may', () => {
    expect(narrowed(text, { ...text, kind: 'number' })).toEqual(['custom1']);
    expect(narrowed({ ...text, kind: 'number' }, text)).toEqual(['custom1']);
    expect(narrowed(choice('gold', 'silver'), choice('gold'))).toEqual(['custom1']);
    expect(narrowed(text)).toEqual(['custom1']);
  });

  it('a large company is told what is not known, and to force the change', () => {
    const [field] = findNarrowed({ customFields: fields(text), narrowedFields: nothing }, fields());
    const look = (custom1: string[], isComplete: boolean) => () =>
      assertNothingIsHidden(field ? [field] : [], {
        clients: custom1.map((value) => ({ client: value === '' ? {} : { custom1: value }, contacts: [] })),
        isComplete,
      });
    const refused = (detail: string) => expect.objectContaining({ errors: [expect.objectContaining({ detail })] });
    expect(look(['', ''], true)).not.toThrow();
    expect(look(['a', 'b', ''], false)).toThrow(
      refused('Seat: at least 2 clients have a value that would no longer be shown.'),
    );
    expect(look(['', ''], false)).toThrow(
      refused('Seat: none of the 2 clients that were looked at has such a value, but there are more.'),
    );
  });

  it('a value is shown exactly if the definition accepts it, once the field is narrowed', () => {
    fc.assert(
      fc.property(definition, value, (one, custom1) => {
        const parsed = CustomFieldDefinition.parse(one);
        const customFieldShapes = shapesOf({
          customFields: fields(parsed),
          narrowedFields: { client: ['custom1'], contact: [] },
        });
        const shown = withShownClientFields({ customFieldShapes }, { customFields: { custom1 } }).customFields;
        const isAccepted = customFieldFaults({ custom1: parsed }, { custom1 }, '').length === 0;
        expect(shown).toEqual(isAccepted ? { custom1 } : {});
      }),
    );
  });
});
