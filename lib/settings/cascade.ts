import { DEFAULT_SETTINGS, type EffectiveSettings, type LevelSettings, type SettingSource } from './schema.ts';

/** The settings that each level sets. `SettingsRepository.levelsAbove` decides which group applies. */
export interface Levels {
  client: LevelSettings;
  group: LevelSettings;
  company: LevelSettings;
}

const LEVELS = ['client', 'group', 'company'] as const;

/** The values if no level sets one. The default language of documents is the effective language. */
const defaults = {
  ...DEFAULT_SETTINGS,
  taskHourlyRate: null,
  emailSignature: '',
  defaultPublicNotes: '',
} as const;

interface Sourced<T> {
  value: T;
  source: SettingSource;
}

/** The value of the nearest level that sets one: client, then group, then company, then the default. */
function nearest<T, D>(levels: Levels, read: (level: LevelSettings) => T | undefined, otherwise: D): Sourced<T | D> {
  for (const source of LEVELS) {
    const value = read(levels[source]);
    if (value !== undefined) return { value, source };
  }
  return { value: otherwise, source: 'default' };
}

type Permission = keyof typeof DEFAULT_SETTINGS.portalPermissions;

/** Each permission has its own source. The source of the whole is the nearest level that sets any of them. */
function portalPermissions(levels: Levels): EffectiveSettings['portalPermissions'] {
  const effectivePermission = (permission: Permission) =>
    nearest(levels, (level) => level.portalPermissions?.[permission], defaults.portalPermissions[permission]);
  const permissions = {
    client: effectivePermission('client'),
    documents: effectivePermission('documents'),
    invoices: effectivePermission('invoices'),
    quotes: effectivePermission('quotes'),
    ledger: effectivePermission('ledger'),
    statement: effectivePermission('statement'),
  };
  const mapPermissions = <T>(map: (permission: Sourced<boolean>) => T) => ({
    client: map(permissions.client),
    documents: map(permissions.documents),
    invoices: map(permissions.invoices),
    quotes: map(permissions.quotes),
    ledger: map(permissions.ledger),
    statement: map(permissions.statement),
  });
  const sources = mapPermissions(({ source }) => source);
  const source = LEVELS.find((level) => Object.values(sources).includes(level)) ?? 'default';
  return { value: mapPermissions(({ value }) => value), source, sources };
}

/** The effective settings with their sources. The company level always sets currency, language and time zone. */
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

/** The client's level: its settings, and the two fields of the client that are settings too and take precedence. */
export function clientLevel({ settings, invoiceDelivery, portalPermissions: own }: OwnSettings): LevelSettings {
  const permissions = { ...settings.portalPermissions, ...own };
  const { portalPermissions: _permissions, ...others } = settings;
  return {
    ...others,
    ...(invoiceDelivery !== null && invoiceDelivery !== undefined && { invoiceDelivery }),
    ...(Object.keys(permissions).length > 0 && { portalPermissions: permissions }),
  };
}
