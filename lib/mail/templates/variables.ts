import type { TemplateKey } from './schema.ts';

/** Every variable by its record, with its names in French. Only what a mail of today can be about. */
const fields = {
  client: {
    id: [],
    number: ['numéro'],
    id_number: ['numéro_identification'],
    name: ['nom'],
    vat_number: ['numéro_tva'],
    website: ['site_web'],
    phone: ['téléphone'],
    public_notes: ['notes_publiques'],
    address: ['adresse'],
    city: ['ville'],
    postal_code: ['code_postal'],
    state: ['région'],
    country: ['pays'],
    balance: ['solde'],
    custom1: ['personnalisé1'],
    custom2: ['personnalisé2'],
    custom3: ['personnalisé3'],
    custom4: ['personnalisé4'],
  },
  contact: {
    name: ['full_name', 'nom_complet'],
    first_name: ['prénom'],
    last_name: ['nom'],
    title: ['titre'],
    email: ['courriel'],
    phone: ['téléphone'],
    username: ['identifiant'],
    custom1: ['personnalisé1'],
    custom2: ['personnalisé2'],
    custom3: ['personnalisé3'],
    custom4: ['personnalisé4'],
  },
  user: { name: ['nom'], email: ['courriel'] },
  company: { name: ['nom'], email: ['courriel'] },
  portal: { link: ['lien'], expires: ['expiration'] },
  invoice: {
    number: ['numéro'],
    date: [],
    due_date: ['échéance'],
    net: ['montant_net'],
    tax: ['taxe'],
    amount: ['montant'],
    paid: ['payé'],
    balance: ['solde'],
    late_fee: ['frais_retard'],
  },
  statement: { from: ['début'], to: ['fin'], balance: ['solde'] },
} as const satisfies Record<string, Record<string, readonly string[]>>;

type Records = typeof fields;
/** A variable as its English name without the dollar sign, such as `client.id_number`. */
export type Variable = { [R in keyof Records]: `${R}.${keyof Records[R] & string}` }[keyof Records];

/** What the variables stand for, as text; one that is left out stands for nothing. */
export type Variables = Readonly<Partial<Record<Variable, string>>>;

const frenchRecords: Partial<Record<keyof Records, readonly string[]>> = {
  company: ['société', 'entreprise'],
  user: ['utilisateur'],
  portal: ['portail'],
  invoice: ['facture'],
  statement: ['relevé'],
};

/** Accents are easily left out and come in two spellings. */
const plain = (name: string) => name.normalize('NFD').replace(/\p{M}/gu, '');

const byName = new Map<string, Variable>();
for (const [record, own] of Object.entries(fields))
  for (const [field, aliases] of Object.entries<readonly string[]>(own))
    for (const recordName of [record, ...(frenchRecords[record as keyof Records] ?? [])])
      for (const name of [field, ...aliases])
        byName.set(plain(`${recordName}.${name}`), `${record}.${field}` as Variable);

/** All variables, in an order that stays while the process runs. */
export const VARIABLES: readonly Variable[] = [...new Set(byName.values())];

/** The variable that a name stands for, English or French; undefined where there is none. */
export function variableNamed(name: string): Variable | undefined {
  return byName.get(plain(name));
}

const toContacts = ['contact', 'client', 'company', 'portal'] as const;
const toUsers = ['user', 'company', 'portal'] as const;
const onInvoices = ['invoice', ...toContacts] as const;

const recordsOf: Record<TemplateKey, readonly (keyof Records)[]> = {
  invitation: toContacts,
  registration: toContacts,
  'password-reset': toContacts,
  'user-invitation': toUsers,
  'user-password-reset': toUsers,
  invoice: onInvoices,
  'reminder-1': onInvoices,
  'reminder-2': onInvoices,
  'reminder-3': onInvoices,
  'reminder-endless': onInvoices,
  statement: ['statement', ...toContacts],
};

/** Mails whose link ends; the others lead into the portal. */
const expiring: ReadonlySet<TemplateKey> = new Set([
  'invitation',
  'password-reset',
  'user-invitation',
  'user-password-reset',
]);

/** The variables that a mail has. */
export function variablesOf(key: TemplateKey): Variable[] {
  return recordsOf[key]
    .flatMap((record) => Object.keys(fields[record]).map((field) => `${record}.${field}` as Variable))
    .filter((variable) => variable !== 'portal.expires' || expiring.has(key));
}

/** Whether a mail goes to a user of the company and not to a contact of a client. */
export function isForUsers(key: TemplateKey): boolean {
  return recordsOf[key] === toUsers;
}
