import type { StoredContact } from '../clients/schema.ts';
import { type PasswordHashing, SALT_BYTES } from '../credentials/passwords.ts';
import type { ClientId, ContactId } from '../shared/ids.ts';
import type { Principal } from '../shared/principal.ts';
import type { Source } from '../shared/source.ts';
import type { Commit } from '../table/transaction.ts';
import type { ContactPasswordInput } from './password-schema.ts';
import type { PortalRepository } from './repository.ts';

/** 120 bits. */
const GENERATED_BYTES = 15;

interface Place {
  clientId: ClientId;
  contactId: ContactId;
}

interface PasswordDeps {
  portal: PortalRepository;
  hashing: PasswordHashing;
  contacts: {
    usePassword: (
      principal: Principal,
      place: Place,
      at: string,
      ifMatch: readonly number[] | undefined,
      commit: Commit<StoredContact>,
    ) => Promise<StoredContact>;
  };
  source: Source;
}

/** Passwords that staff gives to contacts. */
export function contactPasswords({ portal, hashing, contacts, source }: PasswordDeps) {
  return {
    /**
     * Gives a contact the password, or a strong one that is made. It signs in from then on; invitation and sessions from
     * before are void. Two calls.
     * @throws Problem `not-found`, `no-address`, `stale-version`
     */
    async set(
      principal: Principal,
      place: Place,
      { password }: ContactPasswordInput,
      ifMatch: readonly number[] | undefined,
      commit: Commit<{ contact: StoredContact; password: string | null }>,
    ): Promise<{ contact: StoredContact; password: string | null }> {
      const made = password === null ? Buffer.from(source.random(GENERATED_BYTES)).toString('base64url') : null;
      const passwordHash = await hashing.hash(password ?? made ?? '', source.random(SALT_BYTES));
      const at = source.now().toISOString();
      const stored = portal.writeToSetPassword(principal.companyId, place, passwordHash, at);
      const contact = await contacts.usePassword(principal, place, at, ifMatch, (writes, after) =>
        commit([...writes, stored], { contact: after, password: made }),
      );
      return { contact, password: made };
    },
  };
}
