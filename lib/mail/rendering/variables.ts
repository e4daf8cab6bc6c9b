import { mailKinds, type TemplateKey } from '../kinds.ts';

/** Every variable by its record, with its French names. */
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

/** The values of variables, as text. A variable that is left out is empty. */
export type Variables = Readonly<Partial<Record<Variable, string>>>;

/** Variables whose value is a link that may let its holder sign in. It must not become a part of another address. */
const LINK_VARIABLES: readonly Variable[] = ['portal.link'];

export const isLinkVariable = (variable: Variable): boolean => LINK_VARIABLES.includes(variable);

const frenchRecords: Partial<Record<keyof Records, readonly string[]>> = {
  company: ['société', 'entreprise'],
  user: ['utilisateur'],
  portal: ['portail'],
  invoice: ['facture'],
  statement: ['relevé'],
};

/** Without accents, which authors leave out and Unicode encodes in two ways. */
const withoutAccents = (name: string) => name.normalize('NFD').replace(/\p{M}/gu, '');

const byName = new Map<string, Variable>();
for (const [record, own] of Object.entries(fields))
  for (const [field, aliases] of Object.entries<readonly string[]>(own))
    for (const recordName of [record, ...(frenchRecords[record as keyof Records] ?? [])])
      for (const name of [field, ...aliases])
        byName.set(withoutAccents(`${recordName}.${name}`), `${record}.${field}` as Variable);

/** All variables, in a fixed order. */
export const VARIABLES: readonly Variable[] = [...new Set(byName.values())];

/** The variable of an English or French name; undefined if there is no such variable. */
export function variableNamed(name: string): Variable | undefined {
  return byName.get(withoutAccents(name));
}

/** The French name of a variable; the English one where a part of it is the same in French. */
export function frenchNameOf(variable: Variable): string {
  const [record = '', field = ''] = variable.split('.');
  const aliases: readonly string[] = Reflect.get(Reflect.get(fields, record), field);
  const [frenchRecord = record] = frenchRecords[record as keyof Records] ?? [];
  return `${frenchRecord}.${aliases.at(-1) ?? field}`;
}

const RECIPIENT_RECORDS = { contact: ['contact', 'client'], user: ['user'] } as const;

/** The variables that a mail has: those of what it is about, of its recipient, of the company, and its link. */
export function variablesOf(key: TemplateKey): Variable[] {
  const { recipient, about, oneTimeLink } = mailKinds[key];
  const records = [...(about ? [about] : []), ...RECIPIENT_RECORDS[recipient], 'company', 'portal'] as const;
  return records
    .flatMap((record) => VARIABLES.filter((variable) => variable.startsWith(`${record}.`)))
    .filter((variable) => variable !== 'portal.expires' || oneTimeLink !== null);
}
