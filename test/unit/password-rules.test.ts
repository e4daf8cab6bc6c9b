import { describe, expect, it } from 'vitest';
import { demoCompany } from '../../infra/local/cli/demo-company.ts';
import { SignUp } from '../../lib/accounts/schema.ts';
import { assertGoodPassword } from '../../lib/credentials/password-rules.ts';

const OWN = ['ada.byron@northwind.example', 'Ada Byron', null];
const check = (password: string) => assertGoodPassword(password, OWN, '/password');

describe('the demo company', () => {
  it('is accepted as a sign-up, without which `npm start` fails', async () => {
    const { owner } = SignUp.parse(demoCompany);
    await expect(assertGoodPassword(owner.password, [owner.email, owner.name], '/p')).resolves.toBeUndefined();
  });
});

describe('a password', () => {
  it.each([
    ['on the list', '1qaz2wsx3edc'],
    ['on the list in capitals', 'QWERTY123456'],
    ['on the list in full-width letters', 'ｐａｓｓｗｏｒｄ１２３４'],
    ['a common one with digits and signs around it', '12password34!!'],
    ['a common one twice', 'monkeymonkey'],
    ['one character', 'zzzzzzzzzzzz'],
    ['a few characters', 'abababababab'],
    ['a sequence', '123456789012'],
    ['a sequence backwards', 'lkjihgfedcba'],
  ])('is refused if it is %s', async (_, password) => {
    const refused = { code: 'validation', errors: [{ pointer: '/password', code: 'common-password' }] };
    await expect(check(password)).rejects.toMatchObject(refused);
  });

  it.each(['AdaByron2026!', 'northwind-2026', 'ada.byron@northwind.example', 'Byron-Ada-1815', 'Northwind.Byron.7'])(
    'is refused if it is little more than the own name or address: %s',
    async (password) => {
      const refused = { code: 'validation', errors: [{ pointer: '/password', code: 'own-name' }] };
      await expect(check(password)).rejects.toMatchObject(refused);
    },
  );

  it.each(['correct horse battery staple', 'byron wrote many poems', 'passwords are hard 2 find', 'Ünïcödé-wörter 9x'])(
    'is accepted: %s',
    async (password) => {
      await expect(check(password)).resolves.toBeUndefined();
    },
  );
});
