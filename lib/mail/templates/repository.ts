import { companyEntity, type StoredCompany } from '../../accounts/schema.ts';
import { clientEntity, contactEntity, type StoredClient, type StoredContact } from '../../clients/schema.ts';
import { groupEntity, type StoredGroup } from '../../groups/schema.ts';
import type { StoredSettings } from '../../settings/repository.ts';
import { settingsEntity } from '../../settings/schema.ts';
import { Problem } from '../../shared/errors.ts';
import { type ClientId, type CompanyId, type GroupId, generalGroupId } from '../../shared/ids.ts';
import type { Item, Table } from '../../table/client.ts';
import { asItem, entityOf, readItem } from '../../table/entity.ts';
import { keys, ranges } from '../../table/keys.ts';
import { getItem, getItems, queryAll, queryPage } from '../../table/query.ts';
import { transact, type Write, writes } from '../../table/transaction.ts';
import { deleteItem } from '../../table/write.ts';
import type { TemplateKey } from '../kinds.ts';
import { builtInText } from './built-in.ts';
import { languageChain } from './language.ts';
import { type StoredTemplate, type TemplateSource, templateEntity } from './schema.ts';

/** The text that a mail is sent with, with the level and the language that it comes from. */
export interface EffectiveText {
  subject: string;
  body: string;
  source: TemplateSource;
  language: string;
  updatedAt: string | null;
  /** The text's own version at its level; 0 for a built-in text. */
  version: number;
}

interface TextQuery {
  key: TemplateKey;
  /** The group whose texts come before the company's; null for the company's alone. */
  groupId: GroupId | null;
  /** In order of preference. The base languages of each are tried after it, and English at the end. */
  languages: readonly string[];
}

/** An effective text, with the settings of its levels. */
export interface TemplateContext {
  settings: StoredSettings;
  /** The group whose texts and settings apply: General in place of a group that is being deleted. */
  group: StoredGroup | undefined;
  text: EffectiveText;
}

/** A text by its level, null for the company, its mail and its language. */
export interface TemplateRef {
  groupId: GroupId | null;
  key: TemplateKey;
  language: string;
}

/** The texts of mails: a company's, its groups', and the built-in ones, which are not in the table. */
export function templateRepository(table: Table) {
  const on = writes(table.name);

  /** The keys of every stored text that can be the effective one, and the function that picks it from their items. */
  function candidatesOf(company: CompanyId, { key, groupId, languages }: TextQuery) {
    const candidates = languageChain(languages).flatMap((language) => [
      ...(groupId === null ? [] : [{ source: 'group', language, key: keys.template(company, groupId, key, language) }]),
      { source: 'company', language, key: keys.template(company, null, key, language) },
    ]);
    const pick = (items: readonly (Item | undefined)[]): EffectiveText => {
      for (const language of languageChain(languages)) {
        const stored = items.find((item, index) => item && candidates[index]?.language === language);
        if (stored) return toEffectiveText(readItem(templateEntity, stored));
        const builtIn = builtInText(key, language);
        if (builtIn) return { ...builtIn, source: 'built-in', language, updatedAt: null, version: 0 };
      }
      throw new Error(`there is no built-in text for ${key}`);
    };
    return { keys: candidates.map((candidate) => candidate.key), pick };
  }

  return {
    /**
     * The effective text of a mail: for each language in turn the group's, the company's or the built-in one. Strongly
     * consistent, one call.
     */
    async getEffectiveText(company: CompanyId, query: TextQuery): Promise<EffectiveText> {
      const candidates = candidatesOf(company, query);
      return candidates.pick(await getItems(table, candidates.keys, true));
    },

    /**
     * The same with the settings of the company and the group. One call; one more while the group is being deleted, when
     * General takes its place.
     * @throws Problem `not-found` if the group does not exist
     */
    async getContext(company: CompanyId, query: TextQuery): Promise<TemplateContext> {
      const { groupId } = query;
      const candidates = candidatesOf(company, query);
      const groupKeys = groupId === null ? [] : [keys.group(company, groupId)];
      const found = await getItems(table, [keys.settings(company), ...groupKeys, ...candidates.keys], true);
      const [settings] = found;
      if (!settings) throw new Problem('not-found');
      const groupItem = groupId === null ? undefined : found[1];
      const group = groupItem && readItem(groupEntity, groupItem);
      if (groupId !== null && !group) throw new Problem('not-found');
      if (group?.status === 'deleting') return this.getContext(company, { ...query, groupId: generalGroupId(company) });
      const text = candidates.pick(found.slice(1 + groupKeys.length));
      return { settings: readItem(settingsEntity, settings), group, text };
    },

    /** One call. */
    async getCompanyOrThrow(company: CompanyId): Promise<StoredCompany> {
      const item = await getItem(table, keys.company(company));
      if (!item) throw new Problem('not-found');
      return readItem(companyEntity, item);
    },

    /** A client with its contacts; undefined if it does not exist. One call. */
    async findClientWithContacts(
      company: CompanyId,
      id: ClientId,
    ): Promise<{ client: StoredClient; contacts: StoredContact[] } | undefined> {
      const items = await queryAll(table, ranges.clientWithContacts(company, id));
      const client = items.find((item) => entityOf(item) === clientEntity.name);
      const contacts = items.filter((item) => entityOf(item) === contactEntity.name);
      return (
        client && {
          client: readItem(clientEntity, client),
          contacts: contacts.map((item) => readItem(contactEntity, item)),
        }
      );
    },

    /**
     * Writes a text that replaces version `expected`, 0 for none. One call.
     * @throws Problem `stale-version`, `not-found` if its group was deleted
     */
    async put(company: CompanyId, template: StoredTemplate, expected: number): Promise<void> {
      const { groupId, key, language } = template;
      const place = keys.template(company, groupId, key, language);
      const item = asItem(templateEntity, template);
      const stale = () => new Problem('stale-version');
      const write = expected === 0 ? on.create(place, item, stale) : on.replace(place, item, expected, stale);
      const group = groupId && on.exists(keys.group(company, groupId), () => new Problem('not-found'));
      await transact(table, group ? [write, group] : [write]);
    },

    /** Writes the mail of a test in one transaction. One call. */
    write: (wanted: readonly Write[]): Promise<void> => transact(table, [...wanted]),

    /** Removes a text of version `expected`; false if it has another version. One call. */
    async remove(company: CompanyId, { groupId, key, language }: TemplateRef, expected: number): Promise<boolean> {
      return deleteItem(table, keys.template(company, groupId, key, language), {
        ConditionExpression: '#version = :expected',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':expected': expected },
      });
    },

    /** Up to `limit` texts of one level after a position, by key and language. One call. */
    async listOwnTexts(
      company: CompanyId,
      groupId: GroupId | null,
      limit: number,
      after: { key: string; language: string } | undefined,
    ): Promise<StoredTemplate[]> {
      const { items } = await queryPage(table, {
        range: ranges.templates(company, groupId),
        limit,
        after: after && { ...keys.template(company, groupId, after.key, after.language) },
      });
      return items.map((item) => readItem(templateEntity, item));
    },

    /** One call. */
    async groupExists(company: CompanyId, id: GroupId): Promise<boolean> {
      return (await getItem(table, keys.group(company, id), true)) !== undefined;
    },
  };
}

export type TemplateRepository = ReturnType<typeof templateRepository>;

/** A stored text as the effective one. */
export function toEffectiveText({
  subject,
  body,
  groupId,
  language,
  updatedAt,
  version,
}: StoredTemplate): EffectiveText {
  return { subject, body, source: groupId === null ? 'company' : 'group', language, updatedAt, version };
}
