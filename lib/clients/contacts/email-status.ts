import { type EmailStatus, mailbox, REACHABLE } from '../../shared/email.ts';
import { Problem } from '../../shared/errors.ts';
import type { ClientId, CompanyId, ContactId, MailId } from '../../shared/ids.ts';
import type { Principal } from '../../shared/principal.ts';
import type { Commit } from '../../table/transaction.ts';
import type { StoredContact } from '../schema.ts';
import { type Changer, type ContactChanges, getContactOrThrow } from './changes.ts';
import type { ContactRepository } from './repository.ts';

interface EmailStatusDeps {
  contacts: Pick<ContactRepository, 'holder' | 'contact'>;
  change: ContactChanges;
  /** For how many days the company keeps activity; null keeps it for ever. */
  activityDays: (company: CompanyId) => Promise<number | null>;
  /** Lifts the suppression of a mailbox. */
  unsuppress: (company: CompanyId, mailbox: string) => Promise<unknown>;
  commit: Commit<unknown>;
}

/** The e-mail status of contacts: whether mail reaches them, as their profiles show it. */
export function contactEmailStatus({ contacts, change, activityDays, unsuppress, commit }: EmailStatusDeps) {
  async function set(
    by: Changer,
    { clientId, contactId }: { clientId: ClientId; contactId: ContactId },
    next: (contact: StoredContact) => EmailStatus,
  ): Promise<void> {
    const what = { action: 'contact.updated', id: contactId } as const;
    await change(
      by,
      clientId,
      what,
      async ({ contacts: present }) => {
        const contact = getContactOrThrow(present, contactId);
        return present.map((other) => (other === contact ? { ...contact, emailStatus: next(contact) } : other));
      },
      commit,
    );
  }

  return {
    /**
     * Marks the contact that has the mailbox as suppressed. Does nothing if no contact has it or it is marked already.
     * Four calls.
     */
    async mark(
      companyId: CompanyId,
      box: string,
      { reason, at, mailId }: { reason: 'bounced' | 'complained'; at: string; mailId: MailId },
    ): Promise<void> {
      const holder = await contacts.holder(companyId, box);
      if (!holder) return;
      const days = await activityDays(companyId);
      const by = { kind: 'system', id: mailId, name: 'Mail', companyId, activityDays: days } as const;
      const next = ({ email, emailStatus }: StoredContact): EmailStatus =>
        email !== null && mailbox(email) === box && emailStatus.status !== reason
          ? { status: reason, since: at }
          : emailStatus;
      try {
        await set(by, holder, next);
      } catch (error) {
        // The contact was deleted meanwhile.
        if (!(error instanceof Problem && error.code === 'not-found')) throw error;
      }
    },

    /**
     * Lifts the suppression of a contact. Four calls; three if its status was `ok` already.
     * @throws Problem `not-found`
     */
    async clear(principal: Principal, clientId: ClientId, contactId: ContactId): Promise<void> {
      const contact = await contacts.contact(principal.companyId, clientId, contactId);
      if (!contact) throw new Problem('not-found');
      if (contact.email !== null) await unsuppress(principal.companyId, mailbox(contact.email));
      await set(principal, { clientId, contactId }, () => REACHABLE);
    },
  };
}
