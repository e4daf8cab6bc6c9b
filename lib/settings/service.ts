import { isDeepStrictEqual } from 'node:util';
import {
  DEFAULT_RECORD_NUMBERING,
  type Numbering,
  type NumberingName,
  nextOn,
  numberingNames,
  periodOf,
} from '../numbers/schema.ts';
import { type InputFault, Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { faultsIn, validated } from '../shared/validation.ts';
import { assertNothingIsHidden, findNarrowed, type NarrowedField, narrowedAfter } from './custom-field-changes.ts';
import type { NumberingChange, SettingsRepository, StoredNumberings, StoredSettings } from './repository.ts';
import {
  type CompanySettings,
  CompanySettingsInput,
  type CompanySettingsPatch,
  DEFAULT_SETTINGS,
  type LevelSettings,
} from './schema.ts';
import type { ReadStoredValues } from './stored-values.ts';

interface SettingsDeps {
  settings: SettingsRepository;
  readStoredValues: ReadStoredValues;
  source: Source;
  /** The calendar day of an instant in a time zone. */
  dayIn: (timezone: string, now: Date) => { year: string; month: string };
}

/** The company's settings, including the numbering of clients, invoices and credit notes. */
export function settingsService({ settings, readStoredValues, source, dayIn }: SettingsDeps) {
  const today = (timezone: string) => dayIn(timezone, source.now());

  function toCompanySettings(stored: StoredSettings, numberings: StoredNumberings): CompanySettings {
    const { customFields, documents, retention, sender, letterhead, updatedAt, version } = stored;
    const { taxes, pricesIncludeTax, bank } = stored;
    return {
      ...withDefaults(stored.settings),
      customFields,
      documents,
      retention,
      sender,
      letterhead,
      taxes,
      pricesIncludeTax,
      bank,
      ...shownNumberings(numberings, today(stored.settings.timezone)),
      updatedAt,
      version,
    };
  }

  async function changeOnce(
    companyId: CompanyId,
    patch: Record<string, unknown>,
    ifMatch: readonly number[] | undefined,
    force: boolean,
  ): Promise<CompanySettings> {
    const { stored, numberings } = await settings.read(companyId);
    if (ifMatch && !ifMatch.includes(stored.version)) throw new Problem('stale-version');
    const present = toCompanySettings(stored, numberings);
    const { customFields, documents, retention, sender, letterhead, ...others } = validated(
      CompanySettingsInput,
      applyPatch(present, patch),
    );
    const { taxes, pricesIncludeTax, bank, clientNumber, invoiceNumber, creditNoteNumber, ...level } = others;
    const wanted = { clientNumber, invoiceNumber, creditNoteNumber };
    const narrowed = findNarrowed(stored, customFields);
    if (!force) await assertValuesStay(companyId, narrowed);
    const next: StoredSettings = {
      settings: { ...ownKeys(stored.settings, level, patch), ...levelBasics(level) },
      customFields,
      narrowedFields: narrowedAfter(stored.narrowedFields, narrowed),
      documents,
      retention,
      sender,
      letterhead,
      taxes,
      pricesIncludeTax,
      bank,
      updatedAt: source.now().toISOString(),
      version: stored.version + 1,
    };
    const counters = numberingNames
      .filter((name) => !isDeepStrictEqual(wanted[name], present[name]))
      .map((name): NumberingChange => {
        const period = periodOf(wanted[name].reset, today(level.timezone));
        const nextChanged = wanted[name].next !== numberings[name].next;
        return { name, numbering: { ...wanted[name], period }, nextChanged };
      });
    const { updatedAt, version } = stored;
    if (counters.length === 0 && isDeepStrictEqual({ ...next, updatedAt, version }, stored))
      return toCompanySettings(stored, numberings);
    await settings.replace(companyId, next, stored.version, counters);
    const changed = Object.fromEntries(counters.map(({ name, numbering }) => [name, numbering]));
    return toCompanySettings(next, { ...numberings, ...changed });
  }

  /** @throws Problem `custom-field-in-use` if stored values of clients would no longer be shown, or might not */
  async function assertValuesStay(companyId: CompanyId, narrowed: readonly NarrowedField[]): Promise<void> {
    if (narrowed.length === 0) return;
    const needsContacts = narrowed.some(({ subject }) => subject === 'contact');
    assertNothingIsHidden(narrowed, await readStoredValues(companyId, needsContacts));
  }

  return {
    async read(companyId: CompanyId): Promise<CompanySettings> {
      const { stored, numberings } = await settings.read(companyId);
      return toCompanySettings(stored, numberings);
    },

    /**
     * Applies a merge patch. Null restores the default of a key. Two calls; more if a concurrent change makes it retry. A change
     * that may hide custom values looks at a thousand clients, unless `force` is set.
     * @throws Problem `validation`, `custom-field-in-use`, `stale-version`, `write-conflict`
     */
    change(
      companyId: CompanyId,
      patch: CompanySettingsPatch,
      ifMatch: readonly number[] | undefined,
      force = false,
    ): Promise<CompanySettings> {
      return retryOnStaleVersion(ifMatch, () => changeOnce(companyId, patch, ifMatch, force));
    },

    /** What `change` would refuse about the right fields of a partly wrong patch, but for stored values. One call. */
    async faultsOfChange(companyId: CompanyId, patch: CompanySettingsPatch): Promise<InputFault[]> {
      const { stored, numberings } = await settings.read(companyId);
      return faultsIn(CompanySettingsInput, applyPatch(toCompanySettings(stored, numberings), patch));
    },
  };
}

/** The patched settings, not validated yet. Null restores the default of a key. */
function applyPatch({ updatedAt: _at, version: _version, ...present }: CompanySettings, patch: Json): unknown {
  return mergePatch({ ...DEFAULT_SETTINGS, ...DEFAULT_NUMBERINGS }, mergePatch(present, clearUnusedChoices(patch)));
}

type Json = Record<string, unknown>;

const DEFAULT_NUMBERINGS = {
  invoiceNumber: DEFAULT_RECORD_NUMBERING.invoice,
  creditNoteNumber: DEFAULT_RECORD_NUMBERING.credit,
};

/** The numberings as they are shown: a counter whose period has ended starts again at 1. */
function shownNumberings(
  numberings: StoredNumberings,
  date: { year: string; month: string },
): Record<NumberingName, Numbering> {
  const shown = (name: NumberingName) => {
    const { pattern, reset } = numberings[name];
    return { pattern, next: nextOn(numberings[name], date), reset };
  };
  return {
    clientNumber: shown('clientNumber'),
    invoiceNumber: shown('invoiceNumber'),
    creditNoteNumber: shown('creditNoteNumber'),
  };
}

type CompanyLevel = StoredSettings['settings'];

function withDefaults(level: CompanyLevel): CompanyLevel {
  return {
    ...DEFAULT_SETTINGS,
    ...level,
    portalPermissions: { ...DEFAULT_SETTINGS.portalPermissions, ...level.portalPermissions },
  };
}

function levelBasics({ currency, language, timezone }: CompanyLevel) {
  return { currency, language, timezone };
}

/** The settings that the company sets itself, before this patch or by it. The rest of `level` are defaults, which are not stored. */
function ownKeys(stored: LevelSettings, level: LevelSettings, patch: Record<string, unknown>): LevelSettings {
  const isOwn = (name: string, set: object, change: Record<string, unknown>) =>
    change[name] === undefined ? Object.hasOwn(set, name) : change[name] !== null;
  const own = Object.fromEntries(Object.entries(level).filter(([name]) => isOwn(name, stored, patch)));
  const { portalPermissions } = own;
  if (portalPermissions === undefined) return own;
  const change = Object(patch.portalPermissions ?? {});
  const permissions = Object.entries(portalPermissions).filter(([name]) =>
    isOwn(name, stored.portalPermissions ?? {}, change),
  );
  return { ...own, portalPermissions: Object.fromEntries(permissions) };
}

/** Extends a patch: a custom field whose kind changes from `choice` to another one loses its choices. */
function clearUnusedChoices(patch: Record<string, unknown>): Record<string, unknown> {
  const { customFields } = patch;
  if (!isObject(customFields)) return patch;
  const fields = Object.entries(customFields).map(([subject, definitions]) => [
    subject,
    isObject(definitions) ? Object.fromEntries(Object.entries(definitions).map(withoutChoices)) : definitions,
  ]);
  return { ...patch, customFields: Object.fromEntries(fields) };
}

function withoutChoices([name, definition]: [string, unknown]): [string, unknown] {
  const changesKind = isObject(definition) && definition.kind !== undefined && definition.kind !== 'choice';
  return [name, changesKind && definition.choices === undefined ? { ...definition, choices: null } : definition];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
