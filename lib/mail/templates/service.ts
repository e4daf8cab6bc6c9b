import { createHash } from 'node:crypto';
import { type InputFault, invalid, Problem } from '../../shared/errors.ts';
import type { CompanyId, GroupId } from '../../shared/ids.ts';
import { retryOnStaleVersion } from '../../shared/retry.ts';
import type { Source } from '../../shared/source.ts';
import { TemplateKey } from '../kinds.ts';
import { variablesOf } from '../rendering/variables.ts';
import { BUILT_IN_LANGUAGES, builtInText } from './built-in.ts';
import { isInLanguage } from './language.ts';
import {
  type EffectiveText,
  type TemplateContext,
  type TemplateRef,
  type TemplateRepository,
  toEffectiveText,
} from './repository.ts';
import type { ListedTemplate, Template, TemplateText } from './schema.ts';

type IfMatch = readonly number[] | undefined;

/** A template, with the number that its entity tag is made of. */
export interface TaggedTemplate {
  template: Template;
  tag: number;
}

/** Where a page of the list ends. */
type Position = { key: string; language: string };

/** The texts of mails, at the level of a company or a group. */
export function templateService(templates: TemplateRepository, source: Source) {
  /**
   * The effective text at a level, with the settings that it is sent with. One call; a second one if the language has no
   * text and the first result is not in the company's language.
   */
  async function getContext(company: CompanyId, { groupId, key, language }: TemplateRef): Promise<TemplateContext> {
    const context = await templates.getContext(company, { key, groupId, languages: [language] });
    const companyLanguage = context.settings.settings.language;
    if (isInLanguage(context.text.language, language) || companyLanguage === context.text.language) return context;
    return templates.getContext(company, { key, groupId, languages: [language, companyLanguage] });
  }

  /** With the version of the level's own text, 0 if it has none, and whether the level can be written. */
  async function getWithOwnVersion(
    company: CompanyId,
    ref: TemplateRef,
  ): Promise<TaggedTemplate & { ownVersion: number; isWritable: boolean }> {
    const { text, group } = await getContext(company, ref);
    // A group that is being deleted is replaced by General, whose texts are not the group's own.
    const isWritable = ref.groupId === null || group?.id === ref.groupId;
    const isOwn = isWritable && isOwnText(ref, text);
    return { ...toTaggedTemplate(ref, text, isOwn), ownVersion: isOwn ? text.version : 0, isWritable };
  }

  async function getWritableOrThrow(company: CompanyId, ref: TemplateRef) {
    const current = await getWithOwnVersion(company, ref);
    if (!current.isWritable) throw new Problem('group-deleting');
    return current;
  }

  return {
    getContext,

    faultsOfText,

    /** @throws Problem `not-found` if the group does not exist */
    read: (company: CompanyId, ref: TemplateRef): Promise<TaggedTemplate> => getWithOwnVersion(company, ref),

    /**
     * Saves a text for a level. Two calls.
     * @throws Problem `validation` with each variable and link that is not allowed, `not-found`, `group-deleting`,
     *   `stale-version`
     */
    async put(
      company: CompanyId,
      ref: TemplateRef,
      text: TemplateText,
      ifMatch: IfMatch,
    ): Promise<TaggedTemplate & { created: boolean }> {
      const faults = await faultsOfText(ref.key, text);
      if (faults.length > 0) throw invalid(...faults);
      return retryOnStaleVersion(ifMatch, async () => {
        const { ownVersion, template, tag } = await getWritableOrThrow(company, ref);
        if (ifMatch && !ifMatch.includes(tag)) throw new Problem('stale-version');
        const isSaved = ownVersion > 0 && template.subject === text.subject && template.body === text.body;
        if (isSaved) return { template, tag, created: false };
        const next = { ...ref, ...text, updatedAt: source.now().toISOString(), version: ownVersion + 1 };
        await templates.put(company, next, ownVersion);
        return { ...toTaggedTemplate(ref, toEffectiveText(next), true), created: ownVersion === 0 };
      });
    },

    /**
     * Removes a level's own text, so that the level above applies again. Two calls.
     * @throws Problem `not-found` if it has none, `group-deleting`, `stale-version`
     */
    delete(company: CompanyId, ref: TemplateRef, ifMatch: IfMatch): Promise<void> {
      return retryOnStaleVersion(ifMatch, async () => {
        const { ownVersion, tag } = await getWritableOrThrow(company, ref);
        if (ownVersion === 0) throw new Problem('not-found');
        if (ifMatch && !ifMatch.includes(tag)) throw new Problem('stale-version');
        if (!(await templates.remove(company, ref, ownVersion))) throw new Problem('stale-version');
      });
    },

    /**
     * A page of the effective texts of a level, by key and language. One call for the company, three for a group.
     * @throws Problem `not-found` if the group does not exist
     */
    async list(
      company: CompanyId,
      groupId: GroupId | null,
      limit: number,
      after: Position | undefined,
    ): Promise<{ data: ListedTemplate[]; next: Position | undefined }> {
      const levels = groupId === null ? [null] : [groupId, null];
      const [exists, ...stored] = await Promise.all([
        groupId === null || templates.groupExists(company, groupId),
        ...levels.map((level) => templates.listOwnTexts(company, level, limit + 1, after)),
      ]);
      if (!exists) throw new Problem('not-found');
      const rows = new Map<string, ListedTemplate>();
      // Nearest level first: a row that is there already overrides those of the levels above.
      for (const row of [...stored.flat().map(toListed), ...builtInRows])
        if (!rows.has(sortKey(row)) && (!after || sortKey(row) > sortKey(after))) rows.set(sortKey(row), row);
      const sorted = [...rows.keys()].sort().flatMap((key) => rows.get(key) ?? []);
      const data = sorted.slice(0, limit);
      const last = data.at(-1);
      return { data, next: sorted.length > limit && last ? { key: last.key, language: last.language } : undefined };
    },
  };
}

/** The faults of a text, or of the part of it that is given: each variable and link that is not allowed. */
async function faultsOfText(key: TemplateKey, text: Partial<TemplateText>): Promise<InputFault[]> {
  // Imported here, because lists and reads need no Markdown parser.
  const { checkText } = await import('./text-checks.ts');
  return checkText(key, text);
}

export type TemplateService = ReturnType<typeof templateService>;

/** Whether a text belongs to the level itself, and is not inherited. */
function isOwnText({ groupId, language }: TemplateRef, text: EffectiveText): boolean {
  return text.source === (groupId === null ? 'company' : 'group') && text.language === language;
}

function toTaggedTemplate({ key, language }: TemplateRef, text: EffectiveText, isOwn: boolean): TaggedTemplate {
  const { subject, body, source, updatedAt, version } = text;
  const variables = variablesOf(key).map((variable) => `$${variable}`);
  return {
    template: { key, language, textLanguage: text.language, source, subject, body, variables, updatedAt, version },
    tag: isOwn ? version : tagOfInherited(text),
  };
}

/** An inherited text changes when another record does, so its version cannot be the tag: a hash of the text is. */
function tagOfInherited(text: EffectiveText): number {
  const digest = createHash('sha256').update(JSON.stringify(text)).digest();
  return 2 ** 40 + digest.readUIntBE(0, 5);
}

/** Sorts as the table's keys do: the separator sorts before all that a key or a language can contain. */
const sortKey = ({ key, language }: Position) => `${key}#${language}`;

function toListed(
  template: { key: TemplateKey; groupId: GroupId | null } & Omit<ListedTemplate, 'source'>,
): ListedTemplate {
  const { key, language, groupId, subject, updatedAt, version } = template;
  return { key, language, source: groupId === null ? 'company' : 'group', subject, updatedAt, version };
}

const builtInRows: readonly ListedTemplate[] = TemplateKey.options.flatMap((key) =>
  BUILT_IN_LANGUAGES.flatMap((language) => {
    const text = builtInText(key, language);
    return text
      ? [{ key, language, source: 'built-in' as const, subject: text.subject, updatedAt: null, version: 0 }]
      : [];
  }),
);
