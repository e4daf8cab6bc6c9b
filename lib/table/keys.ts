import { createHash } from 'node:crypto';
import {
  type ActivityId,
  type ApiTokenId,
  ClientId,
  CompanyId,
  type ContactId,
  type DocumentId,
  type GroupId,
  type ItemId,
  type LogId,
  type MailId,
  type PricingId,
  type SessionId,
  type UserId,
} from '../shared/ids.ts';
import { fold } from '../shared/text.ts';
import { type ClientIndex, clientIndexes, clientIndexStreamKeys } from './layout.ts';

/** The primary key of an item. */
export interface Key {
  PK: string;
  SK: string;
}

/** A range of sort keys in one partition, of the table or of an index. */
export interface Range {
  index?: ClientIndex;
  partition: string;
  /** Sort keys that begin with it. @default all */
  prefix?: string;
  /** Sort keys from `from` to `to`; not together with a prefix. */
  between?: { from: string; to: string };
}

/** What attempts on an account are limited for: sign-in of staff, sign-in to the portal, requests for a new password. */
export type RateLimitScope = 'staff' | 'portal' | 'reset';

/** What a client is also listed under, beside the list of all clients. */
export type Facet = 'user' | 'tag' | 'group' | 'pricing' | 'country' | 'status' | 'balance';

/**
 * Free text as part of a key: fixed length, no separator, and nothing personal in a key (keys reach logs and metrics).
 * SHA-256, base64url.
 */
function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

/** A facet with its value, as keys and rows spell it. Tags are free text, so their fingerprints stand for them. */
export function facetName(facet: Facet, value: string): string {
  return `${facet}=${facet === 'tag' ? fingerprint(value) : value}`;
}

/** Every item collection of the table, drawn in README.md beside this file. No other file spells a key. */
export const keys = {
  slug: (slug: string): Key => ({ PK: `SLUG#${slug}`, SK: 'GUARD' }),
  company: (company: CompanyId): Key => ({ PK: company, SK: 'COMPANY' }),
  settings: (company: CompanyId): Key => ({ PK: company, SK: 'SETTINGS' }),
  numbering: (company: CompanyId): Key => ({ PK: company, SK: 'SETTINGS#NUMBERING#client' }),
  group: (company: CompanyId, id: GroupId): Key => ({ PK: company, SK: `GROUP#${id}` }),
  pricing: (company: CompanyId, id: PricingId): Key => ({ PK: company, SK: `PRICING#${id}` }),
  /** An entry of the catalogue, and its price in a pricing. */
  item: (company: CompanyId, id: ItemId): Key => ({ PK: company, SK: `ITEM#${id}` }),
  price: (company: CompanyId, pricing: PricingId, item: ItemId): Key => ({
    PK: `${company}#${pricing}`,
    SK: `PRICE#${item}`,
  }),
  /** One shard of the number of clients that have a group or a pricing. */
  memberCount: (company: CompanyId, of: GroupId | PricingId, shard: number): Key => ({
    PK: `${company}#${of}`,
    SK: `MEMBERS#${shard}`,
  }),
  /** What is still to be removed of a pricing or an item that is gone. */
  removal: (company: CompanyId, of: PricingId | ItemId): Key => ({ PK: company, SK: `REMOVAL#${of}` }),
  user: (company: CompanyId, id: UserId): Key => ({ PK: company, SK: `USER#${id}` }),
  apiToken: (company: CompanyId, id: ApiTokenId): Key => ({ PK: company, SK: `TOKEN#${id}` }),

  /** Guard of a user's e-mail address and home of its password hash: what a sign-in finds first. */
  login: (company: CompanyId, email: string): Key => ({ PK: `${company}#LOGIN#${fingerprint(email)}`, SK: 'GUARD' }),
  /** A session of a user or of a contact. */
  session: (company: CompanyId, holder: UserId | ContactId, id: SessionId): Key => ({
    PK: `${company}#${holder}`,
    SK: `SESSION#${id}`,
  }),
  /** A link that was mailed, by the hash of its secret. */
  oneTimeLink: (company: CompanyId, hash: string): Key => ({ PK: `${company}#LINK#${hash}`, SK: 'LINK' }),
  /** Attempts on one account in one scope, whether the account exists or not. */
  accountAttempts: (company: CompanyId, scope: RateLimitScope, account: string): Key => ({
    PK: `${company}#ATTEMPTS#${fingerprint(account)}`,
    SK: scope === 'staff' ? 'ATTEMPTS' : `ATTEMPTS#${scope}`,
  }),
  /** Stands in for what a password reset writes where there is nobody to reset: so that it takes as long. */
  decoy: (company: CompanyId, account: string, part: number): Key => ({
    PK: `${company}#ATTEMPTS#${fingerprint(account)}`,
    SK: `DECOY#${part}`,
  }),
  /** Failed sign-ins from one address in one window of time. */
  addressAttempts: (address: string, window: number): Key => ({
    PK: `ATTEMPTS#${fingerprint(address)}`,
    SK: `WINDOW#${window}`,
  }),

  /** The first answer to an Idempotency-Key; `scope` is a caller or the public. */
  reply: (scope: string, key: string): Key => ({ PK: `${scope}#REPLY#${fingerprint(key)}`, SK: 'REPLY' }),

  client: (company: CompanyId, id: ClientId): Key => ({ PK: `${company}#${id}`, SK: clientIndexStreamKeys.client }),
  contact: (company: CompanyId, client: ClientId, id: ContactId): Key => ({
    PK: `${company}#${client}`,
    SK: `P#CONTACT#${id}`,
  }),
  /** Uniqueness guards: each exists exactly while one client of the company holds the text. */
  clientNumber: (company: CompanyId, number: string): Key => ({
    PK: `${company}#NUMBER#${fingerprint(number)}`,
    SK: 'GUARD',
  }),
  clientIdNumber: (company: CompanyId, idNumber: string): Key => ({
    PK: `${company}#ID_NUMBER#${fingerprint(idNumber)}`,
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
  /** The password hash of a contact, outside of what the profile reads. */
  portalLogin: (company: CompanyId, client: ClientId, id: ContactId): Key => ({
    PK: `${company}#${client}`,
    SK: `S#${id}`,
  }),

  document: (company: CompanyId, client: ClientId, id: DocumentId): Key => ({
    PK: `${company}#${client}`,
    SK: `DOC#${id}`,
  }),
  /** One part of the count of a client's documents. */
  documentCount: (company: CompanyId, client: ClientId, part: number): Key => ({
    PK: `${company}#${client}`,
    SK: `P#AMOUNT#DOCUMENTS#${part}`,
  }),

  /** A text of mails, of the company or of one of its groups. */
  template: (company: CompanyId, group: GroupId | null, key: string, language: string): Key => ({
    PK: templatePartition(company, group),
    SK: `TEMPLATE#${key}#${language}`,
  }),
  /** What was done to a client and to what hangs on it. */
  activity: (company: CompanyId, client: ClientId, id: ActivityId): Key => ({
    PK: `${company}#${client}`,
    SK: `ACT#${id}`,
  }),
  /** What the backend did for a client, or, without one, for the company. */
  systemLog: (company: CompanyId, client: ClientId | null, id: LogId): Key => ({
    PK: logPartition(company, client),
    SK: `LOG#${id}`,
  }),

  /** A mail, by the chance part of its id: the ids of its log entries have the same, so that each leads to the mail. */
  mail: (company: CompanyId, id: MailId | LogId): Key => ({ PK: `${company}#MAIL#${id.slice(-16)}`, SK: 'MAIL' }),
  /** An address that takes no more mail: it bounced, or its owner complained. */
  suppressedAddress: (company: CompanyId, mailbox: string): Key => ({
    PK: `${company}#SUPPRESSED#${fingerprint(mailbox)}`,
    SK: 'SUPPRESSED',
  }),

  /** A user linked to a client, from either side; written together. */
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
  /** What rows and postings of a client there are. */
  clientIndex: (company: CompanyId, id: ClientId): Key => ({ PK: `${company}#${id}`, SK: 'X#INDEX' }),
  /** How many clients a facet has. */
  clientCount: (company: CompanyId, facet: string): Key => ({ PK: company, SK: `COUNT#${facet}` }),
  /** A client under one of its words; of those with the same word `rank` says who comes first. */
  posting: (company: CompanyId, word: string, rank: number, id: ClientId): Key => ({
    PK: wordPartition(company, word),
    // Sorts before all that a word can hold, so that whole words come before longer ones.
    SK: `${word}\u0001${rank}${id}`,
  }),
  /** Progress of rebuilding the rows and postings of a company. */
  reindex: (company: CompanyId): Key => ({ PK: company, SK: clientIndexStreamKeys.reindex }),
  /** The directory of all companies. */
  directory: (company: CompanyId): Key => ({ PK: `COMPANIES#${company.slice(-1)}`, SK: company }),
} as const;

/** Parts of the directory of companies: the characters that an id can end with. */
export const DIRECTORY_PARTS = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'];

/** What lists and collections are read by. */
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
  /** Client, contacts and, later, balances: all that the profile shows, none of its long tails. */
  profile: (company: CompanyId, id: ClientId): Range => ({ partition: `${company}#${id}`, prefix: 'P#' }),
  /** The client, then its contacts in order: they and nothing else begin so. */
  clientWithContacts: (company: CompanyId, id: ClientId): Range => ({ partition: `${company}#${id}`, prefix: 'P#C' }),
  /** How much there is of what a client has, then the client, and nothing after it. */
  clientWithAmounts: (company: CompanyId, id: ClientId): Range => ({
    partition: `${company}#${id}`,
    between: { from: 'P#A', to: clientIndexStreamKeys.client },
  }),
  documents: (company: CompanyId, client: ClientId): Range => ({ partition: `${company}#${client}`, prefix: 'DOC#' }),
  clientsOfUser: (company: CompanyId, user: UserId): Range => ({ partition: `${company}#${user}`, prefix: 'LINK#' }),
  usersOfClient: (company: CompanyId, client: ClientId): Range => ({
    partition: `${company}#${client}`,
    prefix: 'U#',
  }),
  templates: (company: CompanyId, group: GroupId | null): Range => ({
    partition: templatePartition(company, group),
    prefix: 'TEMPLATE#',
  }),
  activity: (company: CompanyId, client: ClientId): Range => ({ partition: `${company}#${client}`, prefix: 'ACT#' }),
  systemLogs: (company: CompanyId, client: ClientId | null): Range => ({
    partition: logPartition(company, client),
    prefix: 'LOG#',
  }),
  /** Clients in one of five orders: all of them, or those of a facet. */
  clients: (company: CompanyId, archived: boolean, index: ClientIndex, facet?: string): Range => ({
    index,
    partition: clientPartition(company, archived, facet),
  }),
  /** Clients of a facet by creation. */
  clientsOfFacet: (company: CompanyId, facet: Facet, value: string, archived: boolean): Range => ({
    index: 'clientsByCreation',
    partition: clientPartition(company, archived, facetName(facet, value)),
  }),
  /** How many clients each value of a facet has. */
  clientCounts: (company: CompanyId, facet: Facet): Range => ({ partition: company, prefix: `COUNT#${facet}=` }),
  /** Clients under the words that begin so. Bounds, because dynoxide walks the whole partition for `begins_with`. */
  postings: (company: CompanyId, start: string): Range => ({
    partition: wordPartition(company, start),
    between: { from: start, to: `${start}\u{10ffff}` },
  }),
  directory: (part: string): Range => ({ partition: `COMPANIES#${part}` }),
} as const;

function templatePartition(company: CompanyId, group: GroupId | null): string {
  return group === null ? company : `${company}#${group}`;
}

function logPartition(company: CompanyId, client: ClientId | null): string {
  return client === null ? `${company}#LOGS` : `${company}#${client}`;
}

function clientPartition(company: CompanyId, archived: boolean, facet?: string): string {
  const of = facet === undefined ? '' : `${facet}#`;
  return `${company}#CLIENTS#${of}${archived ? 'ARCHIVED' : 'LIVE'}`;
}

function wordPartition(company: CompanyId, word: string): string {
  const [first = ''] = word;
  return `${company}#WORD#${first}`;
}

/** Whose an item is, by its partition key. @throws where it is nobody's */
export function companyOfRecord(partition: string): CompanyId {
  return CompanyId.parse(partition.split('#')[0]);
}

/** What changed, by the key of a stream record: a client, or a request to rebuild; undefined for all else. */
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

/** Whose collection a partition is. @throws Error where it is no client's */
function clientOfPartition(partition: string): { company: CompanyId; client: ClientId } {
  const [company, client] = partition.split('#');
  return { company: CompanyId.parse(company), client: ClientId.parse(client) };
}

/** Characters of a name or number that sorting looks at: an index key has room for 1024 bytes. */
const SORT_LENGTH = 200;

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
 * The key attributes of a client, or of its row under a facet, in all indexes. Live and archived clients are apart; the id
 * makes every sort key unique.
 */
export function clientIndexKeys(company: CompanyId, client: SortableClient, facet?: string) {
  const { id } = client;
  const { clientsByName, clientsByCreation, clientsByNumber, clientsByUpdate, clientsByBalance } = clientIndexes;
  return {
    [clientsByName.partition]: clientPartition(company, client.archivedAt !== null, facet),
    // The separator sorts before all that a name can hold, so that `Anna` comes before `Anna Berg`.
    [clientsByName.sort]: `${sortable(client.displayName)}\u0001${id}`,
    [clientsByCreation.sort]: `${client.createdAt}#${id}`,
    [clientsByNumber.sort]: `${natural(client.number)}\u0001${id}`,
    [clientsByUpdate.sort]: `${client.updatedAt}#${id}`,
    [clientsByBalance.sort]: `${ordered(largestBalance(client.balances))}#${id}`,
  };
}

/** Index keys of times strictly between two, as `between` of a range; undefined where no time can be. */
export function timesBetween(after: string | undefined, before: string | undefined): Range['between'] | undefined {
  // `$` follows `#`, which ends the time in a key: what is later than `after`, whatever the id.
  const between = { from: after === undefined ? '0' : `${after}$`, to: before ?? ':' };
  return between.from <= between.to ? between : undefined;
}

function sortable(text: string): string {
  return fold(text).slice(0, SORT_LENGTH).toWellFormed();
}

/** Text that sorts by the value of the numbers in it: each as the count of its digits, then the digits. */
function natural(text: string): string {
  return sortable(text).replace(/\d+/g, (digits) => {
    const value = digits.replace(/^0+/, '');
    return `${String(value.length).padStart(3, '0')}${value}`;
  });
}

/** The balance furthest from zero, in minor units; 0 without any. Amounts of different currencies cannot be added. */
export function largestBalance(balances: readonly { balance: number }[]): number {
  return balances.reduce((most, { balance }) => (Math.abs(balance) > Math.abs(most) ? balance : most), 0);
}

/** A signed 64-bit integer as text that sorts by its value. */
function ordered(value: number): string {
  return (BigInt(value) + 2n ** 63n).toString().padStart(20, '0');
}
