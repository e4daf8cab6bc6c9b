import { createHash } from 'node:crypto';
import { encodeTime } from 'ulid';
import {
  type ActivityId,
  type ApiTokenId,
  ClientId,
  CompanyId,
  type ContactId,
  type CreditId,
  type DocumentId,
  type GroupId,
  type InvoiceId,
  type ItemId,
  type LogId,
  type LogoId,
  type MailId,
  type PaymentId,
  type PricingId,
  type SessionId,
  type UserId,
} from '../shared/ids.ts';
import { foldForComparison } from '../shared/text.ts';
import { type ClientIndex, clientIndexes, clientIndexStreamKeys, type RecordIndex, type TableIndex } from './layout.ts';
import { sortableByValue, sortableInteger } from './sortable.ts';

/** The primary key of an item. */
export interface Key {
  PK: string;
  SK: string;
}

/** A range of sort keys in one partition of the table or of an index. */
export interface Range {
  index?: TableIndex;
  partition: string;
  /** Only sort keys that begin with this. @default all */
  prefix?: string;
  /** Only sort keys from `from` to `to`, inclusive. Excludes `prefix`. */
  between?: { from: string; to: string };
}

/** Whose sign-ins are counted. */
export type SignInScope = 'staff' | 'portal';

/** Whose Idempotency-Key it is: that of a caller, or on a public route that of an account, which need not exist. */
export type KeyHolder = { company: CompanyId; caller: string } | { account: string };

/**
 * What a limit by hour and day counts: mails to a mailbox that companies request, and those that anybody requests for it;
 * mails to a contact or user; mails of a company; sign-ups from a network.
 */
export type UsageScope = 'mailbox' | 'claimed-mailbox' | 'recipient' | 'company' | 'sign-up';

/** Records whose numbers have no gaps. */
export type NumberedKind = 'invoice' | 'credit';

/** A property with its own lists of clients, in addition to the list of all clients. */
export type Facet = 'user' | 'tag' | 'group' | 'pricing' | 'country' | 'status' | 'balance';

/**
 * Free text as part of a key, as its SHA-256 in base64url: of fixed length, without a separator, and with nothing personal,
 * because keys reach logs and metrics.
 */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** The same for text of which each spelling that looks alike is to have one key. */
function foldedFingerprint(text: string): string {
  return fingerprint(foldForComparison(text));
}

/** The name of a facet with its value, for keys and rows. It has the fingerprint of a tag, because tags are free text. */
export function facetName(facet: Facet, value: string): string {
  return `${facet}=${facet === 'tag' ? foldedFingerprint(value) : value}`;
}

/** The last time that an id can have, in epoch milliseconds. */
const LAST_TIME = 2 ** 48 - 1;

/** The part of an id that has its time. */
const timeOfId = (ms: number) => encodeTime(Math.min(LAST_TIME, Math.max(0, ms)));
/**
 * The name under which clients are counted: the group, or the tag in a form that sorts by name, which is one for all tags
 * that look alike.
 */
export function countName(counted: 'group' | 'tag', value: string): string {
  return `${counted}=${counted === 'tag' ? `${sortableByValue(value)}\u0001${foldForComparison(value)}` : value}`;
}

/** The name of a count, from its sort key. */
export function countNameOf(sortKey: string): string {
  // A table of an earlier release has counts of groups without shards.
  const end = sortKey.lastIndexOf('\u0001');
  return sortKey.slice('COUNT#'.length, end < 0 ? undefined : end);
}

/** The sort key of a client's index item. It sorts after the contacts: a Query from the end reads it before what it is about. */
const INDEX_ITEM = 'P#D#INDEX';

/** The keys of all items. README.md beside this file has a chart of them. No other file spells a key. */
export const keys = {
  slug: (slug: string): Key => ({ PK: `SLUG#${slug}`, SK: 'GUARD' }),
  company: (company: CompanyId): Key => ({ PK: company, SK: 'COMPANY' }),
  settings: (company: CompanyId): Key => ({ PK: company, SK: 'SETTINGS' }),
  numbering: (company: CompanyId, kind: 'client' | NumberedKind): Key => ({
    PK: company,
    SK: `SETTINGS#NUMBERING#${kind}`,
  }),
  /** The guard of a group's name. Names that look alike have one key. */
  groupName: (company: CompanyId, name: string): Key => ({
    PK: `${company}#GROUP_NAME#${foldedFingerprint(name)}`,
    SK: 'GUARD',
  }),
  /** The counter of a number without gaps. */
  group: (company: CompanyId, id: GroupId): Key => ({ PK: company, SK: `GROUP#${id}` }),
  pricing: (company: CompanyId, id: PricingId): Key => ({ PK: company, SK: `PRICING#${id}` }),
  /** An item of the catalogue. */
  item: (company: CompanyId, id: ItemId): Key => ({ PK: company, SK: `ITEM#${id}` }),
  /** Uniqueness guard of the SKU of an item. */
  itemSku: (company: CompanyId, sku: string): Key => ({
    PK: `${company}#SKU#${foldedFingerprint(sku)}`,
    SK: 'GUARD',
  }),
  price: (company: CompanyId, pricing: PricingId, item: ItemId): Key => ({
    PK: `${company}#${pricing}`,
    SK: `PRICE#${item}`,
  }),
  /** One shard of the number of clients that have a group or a pricing. */
  memberCount: (company: CompanyId, of: GroupId | PricingId, shard: number): Key => ({
    PK: `${company}#${of}`,
    SK: `MEMBERS#${shard}`,
  }),
  /** The pending removal of the prices of a deleted pricing or item. */
  removal: (company: CompanyId, of: PricingId | ItemId): Key => ({ PK: company, SK: `REMOVAL#${of}` }),
  user: (company: CompanyId, id: UserId): Key => ({ PK: company, SK: `USER#${id}` }),
  apiToken: (company: CompanyId, id: ApiTokenId): Key => ({ PK: company, SK: `TOKEN#${id}` }),

  /** Uniqueness guard of a user's e-mail address, with the password hash. A sign-in reads it first. */
  login: (company: CompanyId, email: string): Key => ({ PK: `${company}#LOGIN#${fingerprint(email)}`, SK: 'GUARD' }),
  /** A session of a user or of a contact. */
  session: (company: CompanyId, holder: UserId | ContactId, id: SessionId): Key => ({
    PK: `${company}#${holder}`,
    SK: `SESSION#${id}`,
  }),
  /** A link that was mailed, by the hash of its secret. */
  oneTimeLink: (company: CompanyId, hash: string): Key => ({ PK: `${company}#LINK#${hash}`, SK: 'LINK' }),
  /** A link to the portal that staff hands over, by the hash of its token. */
  portalLink: (company: CompanyId, hash: string): Key => ({ PK: `${company}#LINK#${hash}`, SK: 'PORTAL_LINK' }),
  /** The failed sign-ins to an account from one origin: a device, a session or an IP address. The account need not exist. */
  signInFailures: (company: CompanyId, scope: SignInScope, account: string, kind: string, origin: string): Key => ({
    PK: `${company}#ATTEMPTS#${fingerprint(account)}`,
    SK: `FAILURES#${scope}#${kind}#${fingerprint(origin)}`,
  }),
  /** The failed sign-ins to an account from all unknown origins in a time window. */
  strangerFailures: (company: CompanyId, scope: SignInScope, account: string, window: number): Key => ({
    PK: `${company}#ATTEMPTS#${fingerprint(account)}`,
    SK: `STRANGERS#${scope}#${window}`,
  }),
  /** Placeholder that a password reset writes for an unknown account, so that it takes as long as for a known one. */
  placeholder: (company: CompanyId, account: string, part: number): Key => ({
    PK: `${company}#ATTEMPTS#${fingerprint(account)}`,
    SK: `DECOY#${part}`,
  }),
  /** The failed sign-ins from an IP address, over all accounts, in a time window. */
  addressFailures: (address: string, window: number): Key => ({
    PK: `ATTEMPTS#${fingerprint(address)}`,
    SK: `WINDOW#${window}`,
  }),

  /** How often a subject was used on a day of UTC. */
  usage: (scope: UsageScope, subject: string, day: string): Key => ({
    PK: `USAGE#${scope}#${fingerprint(subject)}`,
    SK: `DAY#${day}`,
  }),

  /** The first reply to an Idempotency-Key. */
  reply: (holder: KeyHolder, key: string): Key => ({
    PK: `${holderPartition(holder)}#REPLY#${fingerprint(key)}`,
    SK: 'REPLY',
  }),

  client: (company: CompanyId, id: ClientId): Key => ({ PK: `${company}#${id}`, SK: clientIndexStreamKeys.client }),
  contact: (company: CompanyId, client: ClientId, id: ContactId): Key => ({
    PK: `${company}#${client}`,
    SK: `P#CONTACT#${id}`,
  }),
  /** Uniqueness guards. Each exists exactly while one client of the company has the text. */
  clientNumber: (company: CompanyId, number: string): Key => ({
    PK: `${company}#NUMBER#${foldedFingerprint(number)}`,
    SK: 'GUARD',
  }),
  clientIdNumber: (company: CompanyId, idNumber: string): Key => ({
    PK: `${company}#ID_NUMBER#${foldedFingerprint(idNumber)}`,
    SK: 'GUARD',
  }),
  /** Names the first client with a VAT number. Others may have it too. */
  clientVatNumber: (company: CompanyId, vatNumber: string): Key => ({
    PK: `${company}#VAT_NUMBER#${foldedFingerprint(vatNumber)}`,
    SK: 'GUARD',
  }),
  contactEmail: (company: CompanyId, email: string): Key => ({
    PK: `${company}#CONTACT_EMAIL#${fingerprint(email)}`,
    SK: 'GUARD',
  }),
  contactUsername: (company: CompanyId, username: string): Key => ({
    PK: `${company}#USERNAME#${fingerprint(username)}`,
    SK: 'GUARD',
  }),
  /** The password hash of a contact, outside the range that the profile reads. */
  portalLogin: (company: CompanyId, client: ClientId, id: ContactId): Key => ({
    PK: `${company}#${client}`,
    SK: `S#${id}`,
  }),

  /** What a list shows of an invoice, and what is paid on it. */
  invoice: (company: CompanyId, id: InvoiceId): Key => ({ PK: `${company}#${id}`, SK: 'INVOICE' }),
  /** Its lines and texts, and the client as it was when it was sent. */
  invoiceDetails: (company: CompanyId, id: InvoiceId): Key => ({ PK: `${company}#${id}`, SK: 'DETAILS' }),
  payment: (company: CompanyId, id: PaymentId): Key => ({ PK: `${company}#${id}`, SK: 'PAYMENT' }),
  credit: (company: CompanyId, id: CreditId): Key => ({ PK: `${company}#${id}`, SK: 'CREDIT' }),
  /** Uniqueness guard of the number of an invoice or a credit note. */
  recordNumber: (company: CompanyId, kind: NumberedKind, number: string): Key => ({
    PK: `${company}#NUMBER_OF_${kind}#${foldedFingerprint(number)}`,
    SK: 'GUARD',
  }),
  /** An invoice that waits for money, by its due date. */
  openInvoice: (company: CompanyId, client: ClientId, dueDate: string, id: InvoiceId): Key => ({
    PK: `${company}#${client}`,
    SK: `P#AMOUNT#OPEN#${dueDate}#${id}`,
  }),
  /** How many invoices, payments and credit notes a client has, drafts included. */
  recordCounts: (company: CompanyId, client: ClientId): Key => ({
    PK: `${company}#${client}`,
    SK: 'P#AMOUNT#RECORDS',
  }),
  /** An entry of the ledger of a client. */
  ledgerEntry: (company: CompanyId, client: ClientId, at: string, place: number): Key => ({
    PK: `${company}#${client}`,
    SK: `LEDGER#${at}#${String(place).padStart(10, '0')}`,
  }),

  document: (company: CompanyId, client: ClientId, id: DocumentId): Key => ({
    PK: `${company}#${client}`,
    SK: `DOC#${id}`,
  }),
  /** One shard of the number of a client's documents. */
  documentCount: (company: CompanyId, client: ClientId, part: number): Key => ({
    PK: `${company}#${client}`,
    SK: `P#AMOUNT#DOCUMENTS#${part}`,
  }),

  /** The logo of a company. */
  logo: (company: CompanyId): Key => ({ PK: company, SK: 'LOGO' }),
  /** An upload that may become the logo. */
  logoUpload: (company: CompanyId, id: LogoId): Key => ({ PK: company, SK: `LOGO_UPLOAD#${id}` }),
  /** The pending removal of the bytes of an earlier logo. */
  logoRemoval: (company: CompanyId, id: LogoId): Key => ({ PK: company, SK: `LOGO_REMOVAL#${id}` }),

  /** A mail text of the company or of one of its groups. */
  template: (company: CompanyId, group: GroupId | null, key: string, language: string): Key => ({
    PK: templatePartition(company, group),
    SK: `TEMPLATE#${key}#${language}`,
  }),
  /** An entry of the activity of a client. */
  activity: (company: CompanyId, client: ClientId, id: ActivityId): Key => ({
    PK: `${company}#${client}`,
    SK: `ACT#${id}`,
  }),
  /** The same entry in the activity of the company. */
  companyActivity: (company: CompanyId, id: ActivityId): Key => ({ PK: `${company}#ACTIVITY`, SK: `ACT#${id}` }),
  /** An entry of the system log of a client, or of the company if `client` is null. */
  systemLog: (company: CompanyId, client: ClientId | null, id: LogId): Key => ({
    PK: logPartition(company, client),
    SK: `LOG#${id}`,
  }),

  /** A mail, by the random part of its id. Its log entries have the same random part, so that each leads to the mail. */
  mail: (company: CompanyId, id: MailId | LogId): Key => ({ PK: `${company}#MAIL#${id.slice(-16)}`, SK: 'MAIL' }),
  /** An address that gets no more mail, because it bounced or its owner complained. */
  suppressedAddress: (company: CompanyId, mailbox: string): Key => ({
    PK: `${company}#SUPPRESSED#${fingerprint(mailbox)}`,
    SK: 'SUPPRESSED',
  }),

  /** The link between a user and a client, from both sides. The two items are written together. */
  clientOfUser: (company: CompanyId, user: UserId, client: ClientId): Key => ({
    PK: `${company}#${user}`,
    SK: `LINK#${client}`,
  }),
  userOfClient: (company: CompanyId, client: ClientId, user: UserId): Key => ({
    PK: `${company}#${client}`,
    SK: `U#${user}`,
  }),

  /** A client's row under one of its facets, named by `facetName`. */
  clientRow: (company: CompanyId, id: ClientId, facet: string): Key => ({ PK: `${company}#${id}`, SK: `F#${facet}` }),
  /** The index item of a client, which names its rows and postings. */
  clientIndex: (company: CompanyId, id: ClientId): Key => ({ PK: `${company}#${id}`, SK: INDEX_ITEM }),
  /** One shard of the number of clients that are counted under a name of `countName`. */
  clientCount: (company: CompanyId, name: string, shard: number): Key => ({
    PK: company,
    SK: `COUNT#${name}\u0001${shard}`,
  }),
  /** A client under one of its words. Clients with the same word are sorted by `rank`. */
  posting: (company: CompanyId, word: string, rank: number, id: ClientId): Key => ({
    PK: wordPartition(company, word),
    // \u0001 sorts before every character of a word, so that a whole word comes before longer ones.
    SK: `${word}\u0001${rank}${id}`,
  }),
  /** Progress of rebuilding the rows and postings of a company. */
  /** The progress of proving the ledgers of a company. */
  ledgerProof: (company: CompanyId): Key => ({ PK: company, SK: 'LEDGER_PROOF' }),
  reindex: (company: CompanyId): Key => ({ PK: company, SK: clientIndexStreamKeys.reindex }),
  /** The directory of all companies. */
  directory: (company: CompanyId): Key => ({ PK: `COMPANIES#${company.slice(-1)}`, SK: company }),
} as const;

/** The partitions of the directory of companies: the characters that an id can end with. */
export const DIRECTORY_PARTS = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];

/** The ranges that lists and collections read. */
export const ranges = {
  settings: (company: CompanyId): Range => ({ partition: company, prefix: 'SETTINGS' }),
  users: (company: CompanyId): Range => ({ partition: company, prefix: 'USER#' }),
  apiTokens: (company: CompanyId): Range => ({ partition: company, prefix: 'TOKEN#' }),
  groups: (company: CompanyId): Range => ({ partition: company, prefix: 'GROUP#' }),
  pricings: (company: CompanyId): Range => ({ partition: company, prefix: 'PRICING#' }),
  items: (company: CompanyId): Range => ({ partition: company, prefix: 'ITEM#' }),
  prices: (company: CompanyId, pricing: PricingId): Range => ({ partition: `${company}#${pricing}`, prefix: 'PRICE#' }),
  memberCount: (company: CompanyId, of: GroupId | PricingId): Range => ({
    partition: `${company}#${of}`,
    prefix: 'MEMBERS#',
  }),
  sessions: (company: CompanyId, holder: UserId | ContactId): Range => ({
    partition: `${company}#${holder}`,
    prefix: 'SESSION#',
  }),
  /** The client, then its contacts in order. No other item has this prefix. */
  clientWithContacts: (company: CompanyId, id: ClientId): Range => ({ partition: `${company}#${id}`, prefix: 'P#C' }),
  /** The client, its contacts, and its index item last. */
  profileAndIndexItem: (company: CompanyId, id: ClientId): Range => ({
    partition: `${company}#${id}`,
    between: { from: clientIndexStreamKeys.client, to: INDEX_ITEM },
  }),
  /** The counts of a client's records, then the client, and nothing after it. */
  clientWithAmounts: (company: CompanyId, id: ClientId): Range => ({
    partition: `${company}#${id}`,
    between: { from: 'P#A', to: clientIndexStreamKeys.client },
  }),
  documents: (company: CompanyId, client: ClientId): Range => ({ partition: `${company}#${client}`, prefix: 'DOC#' }),
  /** Invoice and details. */
  invoice: (company: CompanyId, id: InvoiceId): Range => ({ partition: `${company}#${id}` }),
  /** The invoices of a client that wait for money, the oldest due date first. */
  openInvoices: (company: CompanyId, client: ClientId): Range => ({
    partition: `${company}#${client}`,
    prefix: 'P#AMOUNT#OPEN#',
  }),
  /** The ledger of a client, or its entries from the beginning of one time to the end of another. */
  ledger: (company: CompanyId, client: ClientId, times?: { from: string; to: string }): Range => ({
    partition: `${company}#${client}`,
    ...(times ? { between: { from: `LEDGER#${times.from}`, to: `LEDGER#${times.to}$` } } : { prefix: 'LEDGER#' }),
  }),
  clientsOfUser: (company: CompanyId, user: UserId): Range => ({ partition: `${company}#${user}`, prefix: 'LINK#' }),
  usersOfClient: (company: CompanyId, client: ClientId): Range => ({
    partition: `${company}#${client}`,
    prefix: 'U#',
  }),
  templates: (company: CompanyId, group: GroupId | null): Range => ({
    partition: templatePartition(company, group),
    prefix: 'TEMPLATE#',
  }),
  /** The activity of a client, or of the company if `client` is null, between two times in epoch milliseconds. */
  activity: (company: CompanyId, client: ClientId | null, from = 0, to = LAST_TIME): Range => ({
    partition: client === null ? `${company}#ACTIVITY` : `${company}#${client}`,
    // `~` sorts after every character of an id.
    between: { from: `ACT#act_${timeOfId(from)}`, to: `ACT#act_${timeOfId(to)}~` },
  }),
  systemLogs: (company: CompanyId, client: ClientId | null): Range => ({
    partition: logPartition(company, client),
    prefix: 'LOG#',
  }),
  /** All clients, or the clients of a facet, in the order of an index. */
  clients: (company: CompanyId, archived: boolean, index: ClientIndex, facet?: string): Range => ({
    index,
    partition: clientPartition(company, archived, facet),
  }),
  /** The clients of a facet in the order of creation. */
  clientsOfFacet: (company: CompanyId, facet: Facet, value: string, archived: boolean): Range => ({
    index: 'clientsByCreation',
    partition: clientPartition(company, archived, facetName(facet, value)),
  }),
  /** The numbers of clients of each group or each tag, in the order of `countName`. */
  clientCounts: (company: CompanyId, counted: 'group' | 'tag'): Range => ({
    partition: company,
    prefix: `COUNT#${counted}=`,
  }),
  /** Clients with a word that begins with `start`. Bounds, because dynoxide reads the whole partition for `begins_with`. */
  postings: (company: CompanyId, start: string): Range => ({
    partition: wordPartition(company, start),
    between: { from: start, to: `${start}\u{10ffff}` },
  }),
  directory: (part: string): Range => ({ partition: `COMPANIES#${part}` }),
} as const;

function templatePartition(company: CompanyId, group: GroupId | null): string {
  return group === null ? company : `${company}#${group}`;
}

function holderPartition(holder: KeyHolder): string {
  return 'account' in holder ? `PUBLIC#${fingerprint(holder.account)}` : `${holder.company}#${holder.caller}`;
}

function logPartition(company: CompanyId, client: ClientId | null): string {
  return client === null ? `${company}#LOGS` : `${company}#${client}`;
}

function clientPartition(company: CompanyId, archived: boolean, facet?: string): string {
  const facetPart = facet === undefined ? '' : `${facet}#`;
  return `${company}#CLIENTS#${facetPart}${archived ? 'ARCHIVED' : 'LIVE'}`;
}

function wordPartition(company: CompanyId, word: string): string {
  const [first = '', second = ''] = word;
  // Words that begin with `=` are hashes: the character after it spreads them.
  return `${company}#WORD#${first}${first === '=' ? second : ''}`;
}

/** The company of an item, from its partition key. @throws ZodError if the item belongs to no company */
export function companyOfRecord(partition: string): CompanyId {
  return CompanyId.parse(partition.split('#')[0]);
}

/** The record that changed, from the key of a stream record: a client or a reindex request; undefined for all others. */
export function changedRecord({
  PK,
  SK,
}: Key):
  | { kind: 'client'; company: CompanyId; client: ClientId }
  | { kind: 'reindex'; company: CompanyId }
  | undefined {
  if (SK === clientIndexStreamKeys.reindex) return { kind: 'reindex', company: CompanyId.parse(PK) };
  if (SK !== clientIndexStreamKeys.client) return undefined;
  return { kind: 'client', ...clientOfPartition(PK) };
}

/** The client of an item collection. @throws ZodError if the collection belongs to no client */
function clientOfPartition(partition: string): { company: CompanyId; client: ClientId } {
  const [company, client] = partition.split('#');
  return { company: CompanyId.parse(company), client: ClientId.parse(client) };
}

interface SortableClient {
  id: ClientId;
  displayName: string;
  number: string;
  createdAt: string;
  updatedAt: string;
  archivedAt: string | null;
  balances: readonly { balance: number }[];
}

/**
 * The key attributes of a client, or of its row under a facet, in all indexes. Live and archived clients have separate
 * partitions. The id makes every sort key unique.
 */
export function clientIndexKeys(company: CompanyId, client: SortableClient, facet?: string) {
  const { id } = client;
  const { clientsByName, clientsByCreation, clientsByNumber, clientsByUpdate } = clientIndexes;
  return {
    [clientsByName.partition]: clientPartition(company, client.archivedAt !== null, facet),
    // The separator sorts before every character of a name, so that `Anna` comes before `Anna Berg`.
    [clientsByName.sort]: `${sortableByValue(client.displayName)}\u0001${id}`,
    [clientsByCreation.sort]: `${client.createdAt}#${id}`,
    [clientsByNumber.sort]: `${sortableByValue(client.number)}\u0001${id}`,
    [clientsByUpdate.sort]: `${client.updatedAt}#${id}`,
    ...accountKeys(id, client.balances),
  };
}

/** The attributes of a client that follow from its balances alone. */
export function accountKeys(id: ClientId, balances: readonly { balance: number }[]) {
  const largest = largestBalance(balances);
  return { [clientIndexes.clientsByBalance.sort]: `${sortableInteger(largest)}#${id}`, hasBalance: largest !== 0 };
}

interface SortableRecord {
  kind: RecordKind;
  id: string;
  client: ClientId;
  status: string;
  date: string;
  dueDate: string | null;
  number: string | null;
  /** In minor units. Currencies are not converted. */
  amount: number;
}

/** Kinds of records with the lists of `recordIndexes`. */
export type RecordKind = 'INVOICES' | 'PAYMENTS' | 'CREDITS';

/** The key attributes of a record in all indexes of records. The id makes every sort key unique. */
export function recordIndexKeys(company: CompanyId, record: SortableRecord): Record<string, string> {
  const { kind, id, client, status, date, dueDate, number, amount } = record;
  return {
    companyRecords: recordPartition(company, kind, {}),
    clientRecords: recordPartition(company, kind, { client }),
    ...recordStatusKey(company, kind, status),
    dateOrder: `${date}#${id}`,
    ...(dueDate !== null && { dueDateOrder: `${dueDate}#${id}` }),
    // Records without a number come first.
    numberOrder: `${number === null ? '' : sortableByValue(number)}\u0001${id}`,
    amountOrder: `${sortableInteger(amount)}#${id}`,
  };
}

/** The key attribute of a record that changes with its status. */
export function recordStatusKey(company: CompanyId, kind: RecordKind, status: string): { statusRecords: string } {
  return { statusRecords: recordPartition(company, kind, { status }) };
}

/** A list of records in one order: of a company, of one of its clients, or of one status. */
export function recordRange(
  company: CompanyId,
  kind: RecordKind,
  index: RecordIndex,
  of: { client?: ClientId | undefined; status?: string | undefined },
): Range {
  return { index, partition: recordPartition(company, kind, of) };
}

function recordPartition(
  company: CompanyId,
  kind: RecordKind,
  { client, status }: { client?: ClientId | undefined; status?: string | undefined },
): string {
  const part = client ?? status;
  return `${company}#${kind}${part === undefined ? '' : `#${part}`}`;
}

/** The bounds of index keys that begin with days, for `between` of a range. Both days are included. */
export function daysBetween(from: string | undefined, to: string | undefined): Range['between'] | undefined {
  return from === undefined && to === undefined ? undefined : { from: from ?? '0', to: `${to ?? '9999-12-31'}$` };
}

/** The index keys of times strictly between two times, for `between` of a range; undefined if no time lies between. */
export function timesBetween(after: string | undefined, before: string | undefined): Range['between'] | undefined {
  // A key is `<time>#<id>`, and `$` sorts after `#`: the bound is after all ids of that time.
  const between = { from: after === undefined ? '0' : `${after}$`, to: before ?? ':' };
  return between.from <= between.to ? between : undefined;
}

/** The balance furthest from zero, in minor units; 0 if there is none. Balances of different currencies are not added. */
export function largestBalance(balances: readonly { balance: number }[]): number {
  return balances.reduce((most, { balance }) => (Math.abs(balance) > Math.abs(most) ? balance : most), 0);
}
