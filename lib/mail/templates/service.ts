import { createHash } from 'node:crypto';
import { invalid, Problem } from '../../shared/errors.ts';
import type { CompanyId, GroupId } from '../../shared/ids.ts';
import { retryOnStaleVersion } from '../../shared/retry.ts';
import type { Source } from '../../shared/source.ts';
import { BUILT_IN_LANGUAGES, ownBuiltInText } from './built-in.ts';
import { textFaults } from './checks.ts';
import { isInLanguage } from './language.ts';
import {
  asEffective,
  type EffectiveText,
  type Surroundings,
  type TemplatePlace,
  type TemplateRepository,
} from './repository.ts';
import { type ListedTemplate, type Template, TemplateKey, type TemplateText } from './schema.ts';
import { variablesOf } from './variables.ts';

type IfMatch = readonly number[] | undefined;

/** A template as it is answered, with the number that its entity tag is made of. */
export interface Shown {
  template: Template;
  tag: number;
}

/** Texts of mails as a company and its groups have them. */
export function templateService(templates: TemplateRepository, source: Source) {
  /**
   * What counts at a level in a language. One call; a second where the language has no text and that of the company does
   * not come out of the first.
   */
  async function lookUp(company: CompanyId, { groupId, key, language }: TemplatePlace): Promise<Surroundings> {
    const first = await templates.surroundings(company, { key, groupId, languages: [language] });
    const ofCompany = first.settings.settings.language;
    if (isInLanguage(first.text.language, language) || ofCompany === first.text.language) return first;
    return templates.surroundings(company, { key, groupId, languages: [language, ofCompany] });
  }

  async function read(company: CompanyId, place: TemplatePlace): Promise<Shown & { own: number; writable: boolean }> {
    const { text, group } = await lookUp(company, place);
    // Of a group that is being deleted it is General that counts, and that has texts of its own.
    const writable = place.groupId === null || group?.id === place.groupId;
    const isOwn = writable && isOwnText(place, text);
    return { ...shown(place, text, isOwn), own: isOwn ? text.version : 0, writable };
  }

  async function writable(company: CompanyId, place: TemplatePlace): Promise<Shown & { own: number }> {
    const present = await read(company, place);
    if (!present.writable) throw new Problem('group-deleting');
    return present;
  }

  return {
    lookUp,

    /** @throws Problem `not-found` where there is no such group */
    read: (company: CompanyId, place: TemplatePlace): Promise<Shown> => read(company, place),

    /**
     * Gives a level a text of its own. Two calls.
     * @throws Problem `validation` naming each variable and link that the mail does not take, `not-found`, `group-deleting`,
     *   `stale-version`
     */
    put(
      company: CompanyId,
      place: TemplatePlace,
      text: TemplateText,
      ifMatch: IfMatch,
    ): Promise<Shown & { created: boolean }> {
      const faults = textFaults(place.key, text);
      if (faults.length > 0) throw invalid(...faults);
      return retryOnStaleVersion(ifMatch, async () => {
        const present = await writable(company, place);
        if (ifMatch && !ifMatch.includes(present.tag)) throw new Problem('stale-version');
        const at = source.now().toISOString();
        const next = { ...place, ...text, updatedAt: at, version: present.own + 1 };
        await templates.put(company, next, present.own);
        return { ...shown(place, asEffective(next), true), created: present.own === 0 };
      });
    },

    /**
     * Takes a level's own text away: that of the level above counts again. Two calls.
     * @throws Problem `not-found` where it has none, `group-deleting`, `stale-version`
     */
    delete(company: CompanyId, place: TemplatePlace, ifMatch: IfMatch): Promise<void> {
      return retryOnStaleVersion(ifMatch, async () => {
        const present = await writable(company, place);
        if (present.own === 0) throw new Problem('not-found');
        if (ifMatch && !ifMatch.includes(present.tag)) throw new Problem('stale-version');
        if (!(await templates.remove(company, place, present.own))) throw new Problem('stale-version');
      });
    },

    /**
     * A page of what counts at a level in each language that there is a text in, by key and language. One call for the
     * company, three for a group.
     * @throws Problem `not-found` where there is no such group
     */
    async list(
      company: CompanyId,
      groupId: GroupId | null,
      limit: number,
      after: { key: string; language: string } | undefined,
    ): Promise<{ data: ListedTemplate[]; next: { key: string; language: string } | undefined }> {
      const levels = groupId === null ? [null] : [groupId, null];
      const [exists, ...stored] = await Promise.all([
        groupId === null || templates.hasGroup(company, groupId),
        ...levels.map((level) => templates.own(company, level, limit + 1, after)),
      ]);
      if (!exists) throw new Problem('not-found');
      const rows = new Map<string, ListedTemplate>();
      for (const row of [...stored.flat().map(listed), ...builtIn])
        if (!rows.has(placeOf(row)) && (!after || placeOf(row) > placeOf(after))) rows.set(placeOf(row), row);
      const sorted = [...rows.keys()].sort().flatMap((place) => rows.get(place) ?? []);
      const data = sorted.slice(0, limit);
      const last = data.at(-1);
      return { data, next: sorted.length > limit && last ? { key: last.key, language: last.language } : undefined };
    },
  };
}

export type TemplateService = ReturnType<typeof templateService>;

/** Whether a text is the level's own and not one that it falls back to. */
function isOwnText({ groupId, language }: TemplatePlace, text: EffectiveText): boolean {
  return text.source === (groupId === null ? 'company' : 'group') && text.language === language;
}

function shown(place: TemplatePlace, text: EffectiveText, isOwn: boolean): Shown {
  const { key, language } = place;
  const { subject, body, source, updatedAt, version } = text;
  const variables = variablesOf(key).map((variable) => `$${variable}`);
  return {
    template: { key, language, textLanguage: text.language, source, subject, body, variables, updatedAt, version },
    tag: isOwn ? version : tagOfOther(text),
  };
}

/** What a level falls back to changes with other records, so its versions say nothing: the tag is made of the text. */
function tagOfOther(text: EffectiveText): number {
  const digest = createHash('sha256').update(JSON.stringify(text)).digest();
  return 2 ** 40 + digest.readUIntBE(0, 5);
}

/** As the table orders keys; the separator sorts before all that a key or a language can hold. */
const placeOf = ({ key, language }: { key: string; language: string }) => `${key}#${language}`;

function listed(
  template: { key: TemplateKey; groupId: GroupId | null } & Omit<ListedTemplate, 'source'>,
): ListedTemplate {
  const { key, language, groupId, subject, updatedAt, version } = template;
  return { key, language, source: groupId === null ? 'company' : 'group', subject, updatedAt, version };
}

const builtIn: readonly ListedTemplate[] = TemplateKey.options.flatMap((key) =>
  BUILT_IN_LANGUAGES.flatMap((language) => {
    const text = ownBuiltInText(key, language);
    return text
      ? [{ key, language, source: 'built-in' as const, subject: text.subject, updatedAt: null, version: 0 }]
      : [];
  }),
);
