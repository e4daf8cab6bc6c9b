import { clientEntity, contactEntity, guardEntity, type StoredClient, type StoredContact } from '../clients/schema.ts';
import { mailbox } from '../shared/email.ts';
import type { ClientId, CompanyId } from '../shared/ids.ts';
import { foldForComparison } from '../shared/text.ts';
import type { Item, Table } from '../table/client.ts';
import { entityOf, readItem } from '../table/entity.ts';
import { type Key, keys, ranges } from '../table/keys.ts';
import { getItem, queryAll } from '../table/query.ts';
import { requiredFacets, rowOf } from './facets.ts';
import type { ClientFilters, LookUps } from './query.ts';
import type { ClientRow } from './schema.ts';
import { type ExactTerm, exactTerms } from './terms.ts';
import { wordsOf } from './words.ts';

export interface LookUpRequest {
  lookUps: LookUps;
  filters: ClientFilters;
  /** Beginnings of words that the client must also have, and whole values. */
  words: readonly string[];
  exact: readonly ExactTerm[];
}

/** Finds the one client that has a number, an idNumber or an e-mail address, by the guard of that value. */
export function clientLookUp(table: Table) {
  /** The client of the first guard that the request names. */
  async function clientOfGuard(
    company: CompanyId,
    { number, idNumber, email }: LookUps,
  ): Promise<ClientId | undefined> {
    const [key]: Key[] = [
      ...(number === undefined ? [] : [keys.clientNumber(company, number)]),
      ...(idNumber === undefined ? [] : [keys.clientIdNumber(company, idNumber)]),
      ...(email === undefined ? [] : [keys.contactEmail(company, mailbox(email))]),
    ];
    const guard = key && (await getItem(table, key, true));
    return guard && readItem(guardEntity, guard).clientId;
  }

  /**
   * The client that matches everything; undefined if there is none. Two calls, strongly consistent, one if no client has
   * the value.
   */
  return async (company: CompanyId, request: LookUpRequest): Promise<ClientRow | undefined> => {
    const id = await clientOfGuard(company, request.lookUps);
    if (id === undefined) return undefined;
    const items = await queryAll(table, ranges.clientWithContacts(company, id));
    const client = items.find((item) => entityOf(item) === clientEntity.name);
    if (!client) return undefined;
    const stored = readItem(clientEntity, client);
    const contacts = items.filter(isContact).map((item) => readItem(contactEntity, item));
    const row = rowOf(company, stored);
    const matches =
      hasValues(stored, contacts, request.lookUps) &&
      passes(company, row, request.filters) &&
      hasWords(stored, contacts, request);
    return matches ? row : undefined;
  };
}

export type ClientLookUp = ReturnType<typeof clientLookUp>;

const isContact = (item: Item) => entityOf(item) === contactEntity.name;

function hasValues(
  client: StoredClient,
  contacts: readonly StoredContact[],
  { number, idNumber, email }: LookUps,
): boolean {
  const alike = (given: string | undefined, stored: string | null) =>
    given === undefined || (stored !== null && foldForComparison(given) === foldForComparison(stored));
  const reaches = (given: string) =>
    contacts.some((contact) => contact.email !== null && mailbox(contact.email) === mailbox(given));
  return alike(number, client.number) && alike(idNumber, client.idNumber) && (email === undefined || reaches(email));
}

/** Whether a row meets the filters, as the Queries of a list compare them. */
function passes(company: CompanyId, row: ClientRow, filters: ClientFilters): boolean {
  const { archived, status, type, groupId, hasBalance } = filters;
  const { createdAfter = '', createdBefore, updatedAfter = '', updatedBefore } = filters;
  return (
    requiredFacets(company, filters).every((facets) => facets.some((facet) => row.facets.includes(facet))) &&
    (archived === 'any' || archived === (row.archivedAt !== null)) &&
    (status === undefined || status.includes(row.status)) &&
    (type === undefined || type === row.type) &&
    (groupId === undefined || groupId === row.groupId) &&
    (hasBalance === undefined || hasBalance === row.hasBalance) &&
    row.createdAt > createdAfter &&
    (createdBefore === undefined || row.createdAt < createdBefore) &&
    row.updatedAt > updatedAfter &&
    (updatedBefore === undefined || row.updatedAt < updatedBefore)
  );
}

function hasWords(client: StoredClient, contacts: readonly StoredContact[], { words, exact }: LookUpRequest): boolean {
  if (words.length === 0 && exact.length === 0) return true;
  const own = wordsOf(client, contacts).map(({ word }) => word);
  const terms = new Set([...own, ...exactTerms(client, contacts)]);
  return (
    words.every((start) => own.some((word) => word.startsWith(start))) && exact.every(({ term }) => terms.has(term))
  );
}
