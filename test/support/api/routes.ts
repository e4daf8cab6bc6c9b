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
};

/** Well-formed ids of records that do not exist. */
export const NOWHERE = Object.fromEntries(
  Object.entries(PREFIX).map(([name, prefix]) => [name, `${prefix}_01JD8X3V5QZ7M2K4N6P8R0S1TA`]),
);

/** Values of parameters that are the same for all companies. */
const COMMON: Record<string, string> = { key: 'invitation', language: 'en' };

/** Whether a route leads to a record of a company. */
export function namesRecord({ path }: Route): boolean {
  return [...path.matchAll(/\{(\w+)\}/g)].some(([, name = '']) => name in PREFIX);
}

/** The path with its parameters filled in. */
export function pathOf({ path }: Route, ids: Record<string, string> = NOWHERE): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const id = ids[name] ?? COMMON[name];
    if (id === undefined) throw new Error(`no id for ${name}`);
    return id;
  });
}
