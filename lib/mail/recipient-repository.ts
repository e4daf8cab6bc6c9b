import { companyEntity, loginEntity, type StoredCompany, type StoredUser, userEntity } from '../accounts/schema.ts';
import { invoiceEntity, type StoredInvoice } from '../billing/invoices/schema.ts';
import { clientEntity, contactEntity, type StoredClient, type StoredContact } from '../clients/schema.ts';
import { groupEntity } from '../groups/schema.ts';
import { logoEntity, type StoredLogo } from '../logo/schema.ts';
import type { Letterhead } from '../settings/letterhead-schema.ts';
import { type LevelSettings, type Sender, settingsEntity } from '../settings/schema.ts';
import { withShownClientFields, withShownContactFields } from '../shared/custom-field-shapes.ts';
import { mailbox } from '../shared/email.ts';
import { fullName } from '../shared/full-name.ts';
import { type CompanyId, type GroupId, generalGroupId, type MailId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { readItem, readItemIfAny } from '../table/entity.ts';
import { type Key, keys } from '../table/keys.ts';
import { getItems } from '../table/query.ts';
import { isToContact, MailKind } from './kinds.ts';
import { type StoredMail, suppressionEntity } from './schema.ts';

/** The recipient of a mail, with the records that it is composed from. */
export interface Recipient {
  company: StoredCompany;
  sender: Sender;
  letterhead: Letterhead;
  /** The logo, or what is left of a deleted one; read only for mails that show it. */
  logo: StoredLogo | undefined;
  client: StoredClient | undefined;
  contact: StoredContact | undefined;
  user: StoredUser | undefined;
  /** The invoice that the mail is about. */
  invoice: StoredInvoice | undefined;
  /** The mail whose link can set a new password of the user; read for mails of that kind only. */
  resetMailId: MailId | undefined;
  /** The group whose settings and texts apply to the client. */
  groupId: GroupId;
  address: string;
  name: string;
  /** The languages to look for a text in, nearest level first. */
  languages: readonly string[];
  /** Plain text below the mail. */
  signature: string;
  /** Whether the address receives no mail, after a bounce or a complaint. */
  isSuppressed: boolean;
}

/** Reads the recipients of mails. */
export function recipientRepository(table: Table) {
  /** The state of the address, and the settings of the group; General's if the group is being deleted. One call. */
  async function readAddressAndGroup(company: CompanyId, groupId: GroupId, address: string, withLogin: boolean) {
    const general = generalGroupId(company);
    const ids = groupId === general ? [groupId] : [groupId, general];
    const addressMailbox = mailbox(address);
    const [suppression, ...found] = await getItems(
      table,
      [
        keys.suppressedAddress(company, addressMailbox),
        ...ids.map((id) => keys.group(company, id)),
        ...(withLogin ? [keys.login(company, addressMailbox)] : []),
      ],
      true,
    );
    const login = withLogin ? found[ids.length] : undefined;
    const activeGroup = found
      .slice(0, ids.length)
      .flatMap((item) => (item ? [readItem(groupEntity, item)] : []))
      .find(({ status }) => status === 'active');
    const settings: LevelSettings = activeGroup?.settings ?? {};
    return {
      groupId: activeGroup?.id ?? general,
      settings,
      resetMailId: login && readItem(loginEntity, login).reset?.mailId,
      isSuppressed: suppression !== undefined && readItem(suppressionEntity, suppression) !== undefined,
    };
  }

  return {
    /** The recipient of a mail; undefined if it was deleted or has no address. Two calls, strongly consistent. */
    async findRecipient({
      companyId,
      clientId,
      contactId,
      userId,
      invoiceId,
      kind,
      test,
    }: StoredMail): Promise<Recipient | undefined> {
      // A test goes to a user, with the data of a client.
      const subject =
        kind === 'template-test' ? { clientId: test?.clientId, contactId: test?.contactId } : { clientId, contactId };
      const optional: (Key | undefined)[] = [
        subject.clientId ? keys.client(companyId, subject.clientId) : undefined,
        subject.clientId && subject.contactId
          ? keys.contact(companyId, subject.clientId, subject.contactId)
          : undefined,
        userId === null ? undefined : keys.user(companyId, userId),
        isToContact(MailKind.parse(test?.key ?? kind)) ? keys.logo(companyId) : undefined,
        invoiceId === undefined ? undefined : keys.invoice(companyId, invoiceId),
      ];
      const wanted = [
        keys.company(companyId),
        keys.settings(companyId),
        ...optional.filter((key) => key !== undefined),
      ];
      const found = await getItems(table, wanted, true);
      const itemOf = (key: Key | undefined) => (key === undefined ? undefined : found[wanted.indexOf(key)]);
      const [company, settings] = found;
      if (!company || !settings) return undefined;
      const [clientItem, contactItem, userItem, logoItem, invoiceItem] = optional.map(itemOf);
      const shaped = readItem(companyEntity, company);
      const client = clientItem && withShownClientFields(shaped, readItem(clientEntity, clientItem));
      const contact = contactItem && withShownContactFields(shaped, readItem(contactEntity, contactItem));
      const user = userItem && readItem(userEntity, userItem);
      const address = userId === null ? contact?.email : user?.email;
      if (!address) return undefined;
      const { settings: companySettings, sender, letterhead } = readItem(settingsEntity, settings);
      const { settings: groupSettings, ...addressAndGroup } = await readAddressAndGroup(
        companyId,
        client?.groupId ?? generalGroupId(companyId),
        address,
        kind === 'user-password-reset',
      );
      const levels = [client?.settings ?? {}, client ? groupSettings : {}, companySettings];
      const languages = [contact?.language, ...levels.map(({ language }) => language)].filter(
        (language) => typeof language === 'string',
      );
      const contactName = (contact && fullName(contact)) ?? '';
      return {
        company: shaped,
        sender,
        letterhead,
        logo: readItemIfAny(logoEntity, logoItem),
        client,
        contact,
        user,
        invoice: invoiceItem && readItem(invoiceEntity, invoiceItem),
        ...addressAndGroup,
        address,
        name: userId === null ? contactName : (user?.name ?? ''),
        languages,
        signature: levels.find(({ emailSignature }) => emailSignature !== undefined)?.emailSignature ?? '',
      };
    },
  };
}

export type RecipientRepository = ReturnType<typeof recipientRepository>;
