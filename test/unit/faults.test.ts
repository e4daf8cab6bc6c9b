import { describe, expect, it } from 'vitest';
import { ClientInput, CustomFields } from '../../lib/clients/schema.ts';
import { fold, line, text } from '../../lib/shared/text.ts';
import { faultsOf, type InputPart, parseValue } from '../../lib/shared/validation.ts';

function faults(body: unknown, part: InputPart = 'body') {
  const result = parseValue(ClientInput, body);
  return result.success ? [] : [...faultsOf(result.error.issues, part)].map(({ pointer, code }) => [pointer, code]);
}

describe('validation errors', () => {
  it('validation errors are all reported at once, each with its JSON pointer', () => {
    const body = {
      name: 7,
      nmae: 'x',
      status: 'gone',
      tags: ['a', 1],
      contacts: [{ firstName: 'Ada' }, { email: 'nonsense', age: 3 }],
      phones: [{ kind: 'phone' }],
      billingAddress: { country: 'XX' },
      settings: { currency: 'XXX', paymentTermsDays: -1, reminders: { sendHour: 24, rules: [] } },
      metadata: { 'a b': 'x' },
    };
    expect(faults(body).sort()).toEqual(
      [
        ['/name', 'wrong-type'],
        ['/nmae', 'unknown-field'],
        ['/status', 'not-allowed'],
        ['/tags/1', 'wrong-type'],
        ['/contacts/1/email', 'wrong-format'],
        ['/contacts/1/age', 'unknown-field'],
        ['/phones/0/number', 'required'],
        ['/billingAddress/country', 'not-allowed'],
        ['/settings/currency', 'not-allowed'],
        ['/settings/paymentTermsDays', 'too-small'],
        ['/settings/reminders/sendHour', 'too-big'],
        ['/metadata/a b', 'invalid'],
      ].sort(),
    );
  });

  it('a number outside the range of the table is an error, and a tiny number becomes 0', () => {
    expect(CustomFields.parse({ custom1: 2.6e-160, custom2: 0.1 })).toEqual({ custom1: 0, custom2: 0.1 });
    expect(faults({ name: 'A', customFields: { custom1: 1e300 } })).toEqual([['/customFields/custom1', 'too-big']]);
  });

  it('the validation errors of a union are those of the branch that the input resembles', () => {
    expect(faults({ name: 'A', shippingAddress: { country: 'XX' } })).toEqual([
      ['/shippingAddress/country', 'not-allowed'],
    ]);
    expect(faults({ name: 'A', shippingAddress: 'copy' })).toEqual([['/shippingAddress', 'not-allowed']]);
    expect(faults({ name: 'A', marketingOptIn: { granted: 'yes' } })).toEqual([
      ['/marketingOptIn/granted', 'wrong-type'],
    ]);
  });

  it('a JSON pointer escapes slashes and tildes', () => {
    expect(faults({ name: 'A', 'a/b~c': 1 })).toEqual([['/a~1b~0c', 'unknown-field']]);
  });

  it('a client without any name is an error', () => {
    expect(faults({})).toEqual([['/name', 'required']]);
    expect(faults({ contacts: [{}] })).toEqual([['/contacts/0', 'required']]);
  });

  it('two primary contacts are an error', () => {
    const contact = (firstName: string) => ({ firstName, isPrimary: true });
    expect(faults({ contacts: [contact('A'), contact('B')] })).toEqual([['/contacts/1/isPrimary', 'duplicate']]);
  });
});

describe('text', () => {
  it('a line is trimmed, and its length is counted in characters', () => {
    expect(line(6).parse('  👩‍🚀 ')).toBe('👩‍🚀');
    expect(line(5).safeParse('  👩‍🚀 ').success).toBe(false);
    expect(line(200).parse('😀'.repeat(200))).toHaveLength(400);
    expect(line(200).safeParse('😀'.repeat(201)).success).toBe(false);
  });

  it.each(['', '   ', '\ufeff', 'a\nb', 'a\u0000b', '\ud800', 'a\u007f'])('a line is never %j', (value) => {
    expect(line(10).safeParse(value).success).toBe(false);
  });

  it('a text of several lines keeps its line breaks', () => {
    expect(text(20).parse('a\r\n\tb')).toBe('a\r\n\tb');
    expect(text(20).safeParse('a\u0000').success).toBe(false);
  });

  it.each([
    ['  Ærø  Ångström ', 'ærø angstrom'],
    ['ÉCOLE', 'ecole'],
    ['ﬁne', 'fine'],
  ])('%j folds to %j', (value, folded) => {
    expect(fold(value)).toBe(folded);
  });
});
