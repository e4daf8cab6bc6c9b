import type { StoredContact } from '../clients/schema.ts';
import { passwordFaults } from '../credentials/password-rules.ts';
import { generatePassword, type PasswordHashing, SALT_BYTES } from '../credentials/passwords.ts';
import { type InputFault, invalid } from '../shared/errors.ts';
import { fullName } from '../shared/full-name.ts';
import type { ClientId, ContactId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import type { ContactPasswordInput } from './password-schema.ts';
import type { PortalRepository } from './repository.ts';

interface ContactIds {
  clientId: ClientId;
  contactId: ContactId;
}

interface PasswordDeps {
  portal: PortalRepository;
  hashing: PasswordHashing;
  contacts: {
    usePassword: (
      principal: Principal,
      ids: ContactIds,
      ifMatch: readonly number[] | undefined,
      commit: Commit<StoredContact>,
    ) => Promise<StoredContact>;
  };
  source: Source;
}

/** Passwords that staff sets for contacts. */
export function contactPasswords({ portal, hashing, contacts, source }: PasswordDeps) {
  async function faultsOf({ companyId }: Principal, ids: ContactIds, password: string | null): Promise<InputFault[]> {
    if (password === null) return [];
    const contact = await portal.contact(companyId, ids);
    return passwordFaults(password, contact ? [contact.email, fullName(contact)] : [], '/password');
  }

  return {
    /** What `set` would refuse about the right fields of a partly wrong body. One call; none without a password. */
    faultsOf: (principal: Principal, ids: ContactIds, { password = null }: Partial<ContactPasswordInput>) =>
      faultsOf(principal, ids, password),

    /**
     * Sets a contact's password, or generates a strong one. The contact can then sign in; pending invitations and open sessions
     * end. Two calls, one more if the password is given.
     * @throws Problem `not-found`, `no-address`, `stale-version`
     */
    async set(
      principal: Principal,
      ids: ContactIds,
      { password }: ContactPasswordInput,
      ifMatch: readonly number[] | undefined,
      commit: Commit<{ contact: StoredContact; password: string | null }>,
    ): Promise<{ contact: StoredContact; password: string | null }> {
      const generated = password === null ? generatePassword(source) : null;
      const faults = await faultsOf(principal, ids, password);
      if (faults.length > 0) throw invalid(...faults);
      const passwordHash = await hashing.hash(password ?? generated ?? '', source.random(SALT_BYTES));
      const at = source.now().toISOString();
      const passwordWrite = portal.writeToSetPassword(principal.companyId, ids, passwordHash, at);
      const contact = await contacts.usePassword(principal, ids, ifMatch, (writes, after) =>
        commit([...writes, passwordWrite], { contact: after, password: generated }),
      );
      return { contact, password: generated };
    },
  };
}
