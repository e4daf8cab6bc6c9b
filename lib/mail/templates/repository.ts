import type * as z from 'zod';
import { companyEntity } from '../../accounts/schema.ts';
import { clientEntity, contactEntity, type StoredClient, type StoredContact } from '../../clients/schema.ts';
import { groupEntity, type StoredGroup } from '../../groups/schema.ts';
import { settingsEntity } from '../../settings/schema.ts';
import { Problem } from '../../shared/errors.ts';
import { type ClientId, type CompanyId, type GroupId, generalGroupId } from '../../shared/ids.ts';
import { asItem, entityOf, readItem } from '../../table/entity.ts';
import { keys, ranges } from '../../table/keys.ts';
import {
  deleteItem,
  getItem,
  getItems,
  type Item,
  queryAll,
  queryPage,
  type Table,
  transact,
  type Write,
  writes,
} from '../../table/table.ts';
import { ownBuiltInText } from './built-in.ts';
import { languageChain } from './language.ts';
import { type StoredTemplate, type TemplateKey, type TemplateSource, templateEntity } from './schema.ts';

/** The text that counts, with the level and the language that it comes from. */
export interface EffectiveText {
  subject: string;
  body: string;
  source: TemplateSource;
  language: string;
  updatedAt: string | null;
  /** Of the text at its level; 0 for one that is built in. */
  version: number;
}

interface Asked {
  key: TemplateKey;
  /** The group whose texts come before the company's; null for those of the company alone. */
  groupId: GroupId | null;
  /** The best first. Their base languages follow each, and English comes last. */
  languages: readonly string[];
}

export type StoredSettings = z.output<typeof settingsEntity.schema>;
export type StoredCompany = z.output<typeof companyEntity.schema>;

/** What a text is looked up among. */
export interface Surroundings {
  settings: StoredSettings;
  /** The group whose texts and settings count: General for one that is being deleted. */
  group: StoredGroup | undefined;
  text: EffectiveText;
}

export interface TemplatePlace {
  groupId: GroupId | null;
  key: TemplateKey;
  language: string;
}

/** Texts of mails: of the company, of its groups, and those that are built in. */
export function templateRepository(table: Table) {
  const on = writes(table.name);

  /** The keys of all texts that may be the one, and how to tell from what is found which it is. */
  function search(company: CompanyId, { key, groupId, languages }: Asked) {
    const candidates = languageChain(languages).flatMap((language) => [
      ...(groupId === null ? [] : [{ source: 'group', language, key: keys.template(company, groupId, key, language) }]),
      { source: 'company', language, key: keys.template(company, null, key, language) },
    ]);
    const choose = (items: readonly (Item | undefined)[]): EffectiveText => {
      for (const language of languageChain(languages)) {
        const stored = items.find((item, index) => item && candidates[index]?.language === language);
        if (stored) return asEffective(readItem(templateEntity, stored));
        const builtIn = ownBuiltInText(key, language);
        if (builtIn) return { ...builtIn, source: 'built-in', language, updatedAt: null, version: 0 };
      }
      throw new Error(`nothing is built in for ${key}`);
    };
    return { keys: candidates.map((candidate) => candidate.key), choose };
  }

  return {
    /**
     * The text of a mail: of the languages in turn that of the group, else of the company, else the one that is built in.
     * Strongly consistent, one call.
     */
    async effective(company: CompanyId, asked: Asked): Promise<EffectiveText> {
      const wanted = search(company, asked);
      return wanted.choose(await getItems(table, wanted.keys, true));
    },

    /**
     * The same with the settings of the company and the group. One call; one more while the group is being deleted, when
     * General counts in its place.
     * @throws Problem `not-found` where there is no such group
     */
    async surroundings(company: CompanyId, asked: Asked): Promise<Surroundings> {
      const { groupId } = asked;
      const wanted = search(company, asked);
      const groupKeys = groupId === null ? [] : [keys.group(company, groupId)];
      const found = await getItems(table, [keys.settings(company), ...groupKeys, ...wanted.keys], true);
      const [settings] = found;
      if (!settings) throw new Problem('not-found');
      const groupItem = groupId === null ? undefined : found[1];
      const group = groupItem && readItem(groupEntity, groupItem);
      if (groupId !== null && !group) throw new Problem('not-found');
      if (group?.status === 'deleting')
        return this.surroundings(company, { ...asked, groupId: generalGroupId(company) });
      const text = wanted.choose(found.slice(1 + groupKeys.length));
      return { settings: readItem(settingsEntity, settings), group, text };
    },

    /** The company. One call. */
    async company(company: CompanyId): Promise<StoredCompany> {
      const item = await getItem(table, keys.company(company));
      if (!item) throw new Problem('not-found');
      return readItem(companyEntity, item);
    },

    /** A client with its contacts; undefined where there is none. One call. */
    async client(
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
     * Writes a text in the place of version `seen`, 0 for none. One call.
     * @throws Problem `stale-version`, `not-found` where its group is gone
     */
    async put(company: CompanyId, template: StoredTemplate, seen: number): Promise<void> {
      const { groupId, key, language } = template;
      const place = keys.template(company, groupId, key, language);
      const item = asItem(templateEntity, template);
      const stale = () => new Problem('stale-version');
      const write = seen === 0 ? on.create(place, item, stale) : on.replace(place, item, seen, stale);
      const group = groupId && on.exists(keys.group(company, groupId), () => new Problem('not-found'));
      await transact(table, group ? [write, group] : [write]);
    },

    /** Writes what a test of a text comes to, all or nothing. One call. */
    write: (wanted: readonly Write[]): Promise<void> => transact(table, [...wanted]),

    /** Removes the text that has version `seen`; answers whether it did. One call. */
    async remove(company: CompanyId, { groupId, key, language }: TemplatePlace, seen: number): Promise<boolean> {
      return deleteItem(table, keys.template(company, groupId, key, language), {
        ConditionExpression: '#version = :seen',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':seen': seen },
      });
    },

    /** Up to `limit` texts of one level after a place, by key and language. One call. */
    async own(
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

    /** Whether there is such a group. One call. */
    async hasGroup(company: CompanyId, id: GroupId): Promise<boolean> {
      return (await getItem(table, keys.group(company, id), true)) !== undefined;
    },
  };
}

export type TemplateRepository = ReturnType<typeof templateRepository>;

export function asEffective({ subject, body, groupId, language, updatedAt, version }: StoredTemplate): EffectiveText {
  return { subject, body, source: groupId === null ? 'company' : 'group', language, updatedAt, version };
}
