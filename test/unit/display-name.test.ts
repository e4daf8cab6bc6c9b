import fc from 'fast-check';
import { expect, it } from 'vitest';
import { displayName } from '../../lib/clients/display-name.ts';

const contact = fc.record({
  firstName: fc.option(fc.string({ minLength: 1 })),
  lastName: fc.option(fc.string({ minLength: 1 })),
  email: fc.option(fc.emailAddress()),
});

it.each([
  ['Northwind', [{ firstName: 'Ada', lastName: 'Byron', email: 'a@b.example' }], 'Northwind'],
  [null, [{ firstName: 'Ada', lastName: 'Byron', email: 'a@b.example' }], 'Ada Byron'],
  [null, [{ firstName: null, lastName: 'Byron', email: 'a@b.example' }], 'Byron'],
  [null, [{ firstName: null, lastName: null, email: 'a@b.example' }], 'a@b.example'],
  [null, [], ''],
])('%j with %j is called %j', (name, contacts, expected) => {
  expect(displayName(name, contacts)).toBe(expected);
});

it('the display name is the name if there is one, else that of the first contact', () => {
  fc.assert(
    fc.property(fc.option(fc.string({ minLength: 1 })), fc.array(contact, { maxLength: 4 }), (name, contacts) => {
      const shown = displayName(name, contacts);
      expect(shown).toBe(name ?? displayName(null, contacts.slice(0, 1)));
    }),
  );
});
