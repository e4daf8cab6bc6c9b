import { passwordFaults } from '../../credentials/password-rules.ts';
import { generatePassword, type PasswordHashing, SALT_BYTES } from '../../credentials/passwords.ts';
import type { AdmitMail } from '../../mail/admission.ts';
import type { NewMail } from '../../mail/schema.ts';
import type { InputFault } from '../../shared/errors.ts';
import { fullName } from '../../shared/full-name.ts';
import type { ClientId, CompanyId, ContactId } from '../../shared/ids.ts';
import { type Principal, requesterOf } from '../../shared/principal.ts';
import type { Source } from '../../shared/source.ts';
import { usernameOf } from '../../shared/username.ts';
import type { Write } from '../../table/transaction.ts';
import type { AccountInput } from '../account-schema.ts';
import type { ContactInput, StoredContact } from '../schema.ts';
import { withInvitation } from './invitation.ts';

export interface NewAccountDeps {
  hashing: PasswordHashing;
  admitMail: AdmitMail;
  writeToSetPassword: (
    company: CompanyId,
    ids: { clientId: ClientId; contactId: ContactId },
    passwordHash: string,
    at: string,
  ) => Write;
  writeToQueueMail: (company: CompanyId, mail: NewMail) => Write;
  source: Source;
}

/** A new contact with access to the portal, and the writes for it beside those of the contact. */
export interface OpenedAccount {
  contact: StoredContact;
  /** Present if one was asked for. */
  generatedPassword?: string;
  writes: readonly Write[];
}

/** Access to the portal for contacts that are being created. */
export function newAccounts({ hashing, admitMail, writeToSetPassword, writeToQueueMail, source }: NewAccountDeps) {
  async function openWithPassword(
    principal: Principal,
    contact: StoredContact,
    account: Exclude<AccountInput, { invite: true }>,
  ): Promise<OpenedAccount> {
    const { companyId } = principal;
    const { id: contactId, clientId, createdAt: at } = contact;
    // Refused before the work of hashing.
    const mailId =
      contact.email === null ? null : await admitMail(principal, { address: contact.email, id: contactId });
    const generatedPassword = 'generate' in account ? generatePassword(source) : undefined;
    const password = 'password' in account ? account.password : (generatedPassword ?? '');
    const passwordHash = await hashing.hash(password, source.random(SALT_BYTES));
    const mail = {
      kind: 'portal-access',
      clientId,
      contactId,
      userId: null,
      requestedBy: requesterOf(principal),
      at,
    } as const;
    return {
      contact: {
        ...contact,
        credentialGeneration: contact.credentialGeneration + 1,
        portal: { ...contact.portal, status: 'active' },
      },
      ...(generatedPassword !== undefined && { generatedPassword }),
      writes: [
        writeToSetPassword(companyId, { clientId, contactId }, passwordHash, at),
        ...(mailId === null ? [] : [writeToQueueMail(companyId, { ...mail, mailId })]),
      ],
    };
  }

  return {
    /**
     * Opens the account that a new contact is to get. Three calls for the limits of its mail. A hash takes 46 MiB, so
     * callers open accounts one after the other.
     * @throws Problem `email-not-verified`, `too-many-mails`
     */
    async open(principal: Principal, contact: StoredContact, account: AccountInput): Promise<OpenedAccount> {
      if (!('invite' in account)) return openWithPassword(principal, contact, account);
      const mailId = await admitMail(principal, { address: contact.email ?? '', id: contact.id });
      const invitation = { mailId, at: contact.createdAt, by: requesterOf(principal) };
      return { contact: withInvitation(contact, invitation), writes: [] };
    },
  };
}

export type NewAccounts = ReturnType<typeof newAccounts>;

/** What is wrong with the account of a new contact. `pointer` leads to the contact in the body. */
export async function accountFaults(contact: ContactInput, isOpen: boolean, pointer: string): Promise<InputFault[]> {
  const { account, email } = contact;
  if (!account) return [];
  const at = `${pointer}/account`;
  const closed: InputFault = {
    pointer: at,
    code: 'not-allowed',
    detail: 'The portal is closed for a client that is not active.',
  };
  const needed = 'invite' in account ? email : usernameOf(contact);
  const missing: InputFault = {
    pointer: at,
    code: 'no-address',
    detail:
      'invite' in account
        ? 'The contact has no e-mail address.'
        : 'The contact has neither an e-mail address nor a username.',
    dependsOn: [`${pointer}/email`, `${pointer}/username`],
  };
  const own = [email, contact.username, fullName(contact)];
  return [
    ...(isOpen ? [] : [closed]),
    ...(needed === null ? [missing] : []),
    ...('password' in account ? await passwordFaults(account.password, own, `${at}/password`) : []),
  ];
}
