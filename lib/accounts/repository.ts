import type { Table } from '../table/client.ts';
import { apiTokenRepository } from './api-token-repository.ts';
import { companyRepository } from './company-repository.ts';
import { loginRepository } from './login-repository.ts';
import { mailsToUsers } from './mails-to-users.ts';
import { userRepository } from './user-repository.ts';

/** Companies and the accounts of their staff. */
export function accountRepository(table: Table) {
  const { invitationMail, verificationMail } = mailsToUsers(table.name);
  return {
    ...companyRepository(table),
    ...userRepository(table),
    ...loginRepository(table),
    ...apiTokenRepository(table),
    invitationMail,
    verificationMail,
  };
}

export type AccountRepository = ReturnType<typeof accountRepository>;
