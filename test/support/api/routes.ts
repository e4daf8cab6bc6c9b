import { accounts } from '../../../functions/accounts/contract.ts';
import { clientBulk } from '../../../functions/client-bulk/contract.ts';
import { clientSettings } from '../../../functions/client-settings/contract.ts';
import { clientUsers } from '../../../functions/client-users/contract.ts';
import { clients } from '../../../functions/clients/contract.ts';
import { company } from '../../../functions/company/contract.ts';
import { contacts } from '../../../functions/contacts/contract.ts';
import { docs } from '../../../functions/docs/contract.ts';
import { documents } from '../../../functions/documents/contract.ts';
import { groups } from '../../../functions/groups/contract.ts';
import { mail } from '../../../functions/mail/contract.ts';
import { portal } from '../../../functions/portal/contract.ts';
import { pricings } from '../../../functions/pricings/contract.ts';
import { team } from '../../../functions/team/contract.ts';
import { templates } from '../../../functions/templates/contract.ts';
import { traces } from '../../../functions/traces/contract.ts';
import type { Route } from '../../../lib/http/contract.ts';

/** Every contract of the API. */
export const contracts = [
  accounts,
  company,
  team,
  portal,
  clients,
  clientBulk,
  contacts,
  clientUsers,
  clientSettings,
  groups,
  pricings,
  documents,
  traces,
  templates,
  traces,
  mail,
  docs,
];

export interface NamedRoute {
  id: string;
  route: Route;
}

/** Every route of the API by its operation. */
export const routes: NamedRoute[] = contracts.flatMap((contract) =>
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
