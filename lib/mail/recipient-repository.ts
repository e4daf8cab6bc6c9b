import type * as z from 'zod';
import { companyEntity, loginEntity, type StoredUser, userEntity } from '../accounts/schema.ts';
import { clientEntity, contactEntity, type StoredClient, type StoredContact } from '../clients/schema.ts';
import { groupEntity } from '../groups/schema.ts';
import { type LevelSettings, type Sender, settingsEntity } from '../settings/schema.ts';
import { mailbox } from '../shared/email.ts';
import { type CompanyId, type GroupId, generalGroupId, type MailId } from '../shared/ids.ts';
import { readItem } from '../table/entity.ts';
import { type Key, keys } from '../table/keys.ts';
import { getItems, type Table } from '../table/table.ts';
import { type StoredMail, suppressionEntity } from './schema.ts';

export type StoredCompany = z.output<typeof companyEntity.schema>;

/** Whom a mail is for, with all that says how it is written, as it is at this moment. */
export interface Recipient {
  company: StoredCompany;
  sender: Sender;
  client: StoredClient | undefined;
  contact: StoredContact | undefined;
  user: StoredUser | undefined;
  /** The one mail whose link sets a new password of the user; read for such a mail only. */
  reset: MailId | undefined;
  /** The group whose settings and texts count for the client. */
  groupId: GroupId;
  address: string;
  name: string;
  /** Languages to look for a text in, the nearest level first. */
  languages: readonly string[];
  /** What stands below every mail. */
  signature: string;
  /** The address takes no more mail. */
  suppressed: boolean;
}

/** What a mail is written of. */
export function recipientRepository(table: Table) {
  /** What is found by the address, and the settings of the group that counts: of one that is being deleted those of General. */
  async function levelAbove(company: CompanyId, groupId: GroupId, address: string, withLogin: boolean) {
    const general = generalGroupId(company);
    const ids = groupId === general ? [groupId] : [groupId, general];
    const box = mailbox(address);
    const [suppressed, ...found] = await getItems(
      table,
      [
        keys.suppressedAddress(company, box),
        ...ids.map((id) => keys.group(company, id)),
        ...(withLogin ? [keys.login(company, box)] : []),
      ],
      true,
    );
    const login = withLogin ? found[ids.length] : undefined;
    const active = found
      .slice(0, ids.length)
      .flatMap((item) => (item ? [readItem(groupEntity, item)] : []))
      .find(({ status }) => status === 'active');
    const settings: LevelSettings = active?.settings ?? {};
    return {
      groupId: active?.id ?? general,
      settings,
      reset: login && readItem(loginEntity, login).reset?.mailId,
      suppressed: suppressed !== undefined && readItem(suppressionEntity, suppressed) !== undefined,
    };
  }

  return {
    /**
     * Whom the mail is for; undefined where there is nobody with an address any more. Two calls, strongly consistent.
     */
    async recipient({
      companyId,
      clientId,
      contactId,
      userId,
      kind,
      test,
    }: StoredMail): Promise<Recipient | undefined> {
      const about =
        kind === 'template-test' ? { clientId: test?.clientId, contactId: test?.contactId } : { clientId, contactId };
      const optional: (Key | undefined)[] = [
        about.clientId ? keys.client(companyId, about.clientId) : undefined,
        about.clientId && about.contactId ? keys.contact(companyId, about.clientId, about.contactId) : undefined,
        userId === null ? undefined : keys.user(companyId, userId),
      ];
      const wanted = [
        keys.company(companyId),
        keys.settings(companyId),
        ...optional.filter((key) => key !== undefined),
      ];
      const found = await getItems(table, wanted, true);
      const at = (key: Key | undefined) => (key === undefined ? undefined : found[wanted.indexOf(key)]);
      const [company, settings] = found;
      if (!company || !settings) return undefined;
      const [clientItem, contactItem, userItem] = optional.map(at);
      const client = clientItem && readItem(clientEntity, clientItem);
      const contact = contactItem && readItem(contactEntity, contactItem);
      const user = userItem && readItem(userEntity, userItem);
      const address = userId === null ? contact?.email : user?.email;
      if (!address) return undefined;
      const { settings: ofCompany, sender } = readItem(settingsEntity, settings);
      const above = await levelAbove(
        companyId,
        client?.groupId ?? generalGroupId(companyId),
        address,
        kind === 'user-password-reset',
      );
      const levels = [client?.settings ?? {}, client ? above.settings : {}, ofCompany];
      const languages = [contact?.language, ...levels.map(({ language }) => language)].filter(
        (language) => typeof language === 'string',
      );
      return {
        company: readItem(companyEntity, company),
        sender,
        client,
        contact,
        user,
        reset: above.reset,
        groupId: above.groupId,
        address,
        name: userId === null ? contactName(contact) : (user?.name ?? ''),
        languages,
        signature: levels.find(({ emailSignature }) => emailSignature !== undefined)?.emailSignature ?? '',
        suppressed: above.suppressed,
      };
    },
  };
}

export type RecipientRepository = ReturnType<typeof recipientRepository>;

function contactName(contact: StoredContact | undefined): string {
  return [contact?.firstName, contact?.lastName].filter((name) => name).join(' ');
}
