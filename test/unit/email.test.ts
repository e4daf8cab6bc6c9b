import { describe, expect, it } from 'vitest';
import { EmailAddress, mailbox } from '../../lib/shared/email.ts';

describe('e-mail addresses', () => {
  it.each([
    'ada@northwind.example',
    "o'hara+invoices@mail.northwind.example",
    'ada@münchen.example',
    'δοκιμή@παράδειγμα.example',
    `${'a'.repeat(64)}@${'b'.repeat(60)}.example`,
  ])('takes %s as given', (address) => {
    expect(EmailAddress.parse(` ${address} `)).toBe(address);
  });

  it.each([
    'ada',
    'ada@',
    '@northwind.example',
    'ada@localhost',
    'ada@@northwind.example',
    'ada byron@northwind.example',
    'ada@north wind.example',
    'ada..b@northwind.example',
    '.ada@northwind.example',
    'ada@northwind..example',
    'ada@northwind.example\r\nBcc: all@northwind.example',
    'Ada <ada@northwind.example>',
    `${'a'.repeat(65)}@northwind.example`,
    `a@${'b'.repeat(320)}.example`,
    '',
  ])('refuses %j', (address) => {
    expect(EmailAddress.safeParse(address).success).toBe(false);
  });
});

describe('the mailbox of an address', () => {
  it.each([
    ['Ada@Northwind.Example', 'ada@northwind.example'],
    ['ada@MÜNCHEN.example', 'ada@xn--mnchen-3ya.example'],
    ['A.d.a@gmail.com', 'ada@gmail.com'],
    ['ada@googlemail.com', 'ada@gmail.com'],
  ])('%s is %s', (address, same) => {
    expect(mailbox(address)).toBe(same);
  });

  it('dots are significant unless the provider ignores them', () => {
    expect(mailbox('a.da@northwind.example')).not.toBe(mailbox('ada@northwind.example'));
  });
});
