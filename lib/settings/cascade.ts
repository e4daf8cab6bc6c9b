import { DEFAULT_SETTINGS, type EffectiveSettings, type LevelSettings, type SettingSource } from './schema.ts';

/** What each level sets. A client without a group's settings, or a group that is going, has none there. */
export interface Levels {
  client: LevelSettings;
  group: LevelSettings;
  company: LevelSettings;
}

const LEVELS = ['client', 'group', 'company'] as const;

/** Where nobody sets anything. The language of documents is then the language. */
const defaults = {
  ...DEFAULT_SETTINGS,
  taskHourlyRate: null,
  emailSignature: '',
  defaultPublicNotes: '',
} as const;

interface Found<T> {
  value: T;
  source: SettingSource;
}

/** The value of the nearest level that sets one (spec 5): client, then group, then company, then the default. */
function nearest<T, D>(levels: Levels, read: (level: LevelSettings) => T | undefined, otherwise: D): Found<T | D> {
  for (const source of LEVELS) {
    const value = read(levels[source]);
    if (value !== undefined) return { value, source };
  }
  return { value: otherwise, source: 'default' };
}

type Permission = keyof typeof DEFAULT_SETTINGS.portalPermissions;

/** The portal's parts are looked up one by one; the source of the whole is the nearest level that sets any. */
function portalPermissions(levels: Levels): EffectiveSettings['portalPermissions'] {
  const one = (permission: Permission) =>
    nearest(levels, (level) => level.portalPermissions?.[permission], defaults.portalPermissions[permission]);
  const found = {
    client: one('client'),
    documents: one('documents'),
    invoices: one('invoices'),
    quotes: one('quotes'),
    ledger: one('ledger'),
    statement: one('statement'),
  };
  const values = <T>(of: (one: Found<boolean>) => T) => ({
    client: of(found.client),
    documents: of(found.documents),
    invoices: of(found.invoices),
    quotes: of(found.quotes),
    ledger: of(found.ledger),
    statement: of(found.statement),
  });
  const sources = values(({ source }) => source);
  const source = LEVELS.find((level) => Object.values(sources).includes(level)) ?? 'default';
  return { value: values(({ value }) => value), source, sources };
}

/** Every effective setting with the level that it comes from. Pure; company levels always name currency, language and time zone. */
export function effectiveSettings(levels: Levels): EffectiveSettings {
  const language = nearest(levels, (level) => level.language, 'en');
  return {
    currency: nearest(levels, (level) => level.currency, 'EUR'),
    language,
    timezone: nearest(levels, (level) => level.timezone, 'UTC'),
    paymentTermsDays: nearest(levels, (level) => level.paymentTermsDays, defaults.paymentTermsDays),
    quoteValidDays: nearest(levels, (level) => level.quoteValidDays, defaults.quoteValidDays),
    taskHourlyRate: nearest(levels, (level) => level.taskHourlyRate, defaults.taskHourlyRate),
    sendReminders: nearest(levels, (level) => level.sendReminders, defaults.sendReminders),
    reminders: nearest(levels, (level) => level.reminders, defaults.reminders),
    invoiceDelivery: nearest(levels, (level) => level.invoiceDelivery, defaults.invoiceDelivery),
    emailSignature: nearest(levels, (level) => level.emailSignature, defaults.emailSignature),
    documentLanguage: nearest(levels, (level) => level.documentLanguage, language.value),
    portalPermissions: portalPermissions(levels),
    defaultPublicNotes: nearest(levels, (level) => level.defaultPublicNotes, defaults.defaultPublicNotes),
  };
}

interface OwnSettings {
  settings: LevelSettings;
  invoiceDelivery: LevelSettings['invoiceDelivery'] | null;
  portalPermissions: NonNullable<LevelSettings['portalPermissions']>;
}

/** The client's level: its settings, with the two fields of its own that are settings as well. The fields go first. */
export function clientLevel({ settings, invoiceDelivery, portalPermissions: own }: OwnSettings): LevelSettings {
  const permissions = { ...settings.portalPermissions, ...own };
  const { portalPermissions: _permissions, ...others } = settings;
  return {
    ...others,
    ...(invoiceDelivery !== null && invoiceDelivery !== undefined && { invoiceDelivery }),
    ...(Object.keys(permissions).length > 0 && { portalPermissions: permissions }),
  };
}
