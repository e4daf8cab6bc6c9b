import { contracts } from '../../../functions/contracts.ts';
import type { Route } from '../../../lib/http/contract.ts';

export interface NamedRoute {
  id: string;
  route: Route;
}

/** Every route of the API by its operation. */
export const routes: NamedRoute[] = Object.values(contracts).flatMap((contract) =>
  Object.entries<Route>(contract).map(([id, route]) => ({ id, route })),
);

const PREFIX: Record<string, string> = {
  clientId: 'cli',
  contactId: 'con',
  userId: 'usr',
  tokenId: 'tok',
  groupId: 'grp',
  pricingId: 'prc',
  itemId: 'itm',
  documentId: 'doc',
  logId: 'log',
  invoiceId: 'inv',
  paymentId: 'pay',
  creditId: 'crn',
};

/** Well-formed ids of records that do not exist. */
export const NOWHERE = Object.fromEntries(
  Object.entries(PREFIX).map(([name, prefix]) => [name, `${prefix}_01JD8X3V5QZ7M2K4N6P8R0S1TA`]),
);

/** The parameters that name a record of the client in the same path. */
const OF_CLIENT = ['contactId', 'documentId'];
/** Those that name a record of the company beside a client. */
const BESIDE_CLIENT = ['userId'];

/** Values of parameters that are the same for all companies. */
const COMMON: Record<string, string> = { key: 'invitation', language: 'en' };

/** Whether a route leads to a record of a company. */
export function namesRecord({ path }: Route): boolean {
  return parametersOf(path).some((name) => name in PREFIX);
}

function parametersOf(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** Whether a route leads to a record of one client. @throws Error if it is not known whose a parameter's records are */
export function namesRecordOfClient({ path }: Route): boolean {
  const [first, ...others] = parametersOf(path);
  if (first !== 'clientId' || others.length === 0) return false;
  const unknown = others.filter((name) => ![...OF_CLIENT, ...BESIDE_CLIENT].includes(name));
  if (unknown.length > 0)
    throw new Error(
      `${path}: add ${unknown.join()} to OF_CLIENT in test/support/api/routes.ts and a record to fullCompany, or to BESIDE_CLIENT.`,
    );
  return others.some((name) => OF_CLIENT.includes(name));
}

/** Whether a route answers in pages. */
export function isList({ query }: Route): boolean {
  return query !== undefined && 'cursor' in query.shape;
}

/** The path with its parameters filled in. */
export function pathOf({ path }: Route, ids: Record<string, string> = NOWHERE): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = ids[name] ?? COMMON[name];
    if (id === undefined)
      throw new Error(`${path}: add ${name} to PREFIX in test/support/api/routes.ts, and a record to fullCompany.`);
    return id;
  });
}
