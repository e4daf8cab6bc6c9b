import type { Contract } from '../lib/http/contract.ts';
import { accounts } from './accounts/contract.ts';
import { clientBulk } from './client-bulk/contract.ts';
import { clientSettings } from './client-settings/contract.ts';
import { clientUsers } from './client-users/contract.ts';
import { clients } from './clients/contract.ts';
import { company } from './company/contract.ts';
import { contacts } from './contacts/contract.ts';
import { credits } from './credits/contract.ts';
import { docs } from './docs/contract.ts';
import { documents } from './documents/contract.ts';
import { groups } from './groups/contract.ts';
import { invoices } from './invoices/contract.ts';
import { ledger } from './ledger/contract.ts';
import { mail } from './mail/contract.ts';
import { payments } from './payments/contract.ts';
import { portal } from './portal/contract.ts';
import { pricings } from './pricings/contract.ts';
import { referenceLists } from './reference/contract.ts';
import { team } from './team/contract.ts';
import { templates } from './templates/contract.ts';
import { traces } from './traces/contract.ts';

/**
 * Every contract of the API by the folder of its function. The stack, the OpenAPI document, the docs page and the tests read
 * it; the OpenAPI document has this order.
 */
export const contracts = {
  accounts,
  company,
  team,
  portal,
  clients,
  'client-bulk': clientBulk,
  contacts,
  'client-users': clientUsers,
  'client-settings': clientSettings,
  groups,
  pricings,
  invoices,
  payments,
  credits,
  ledger,
  documents,
  traces,
  templates,
  mail,
  reference: referenceLists,
  docs,
} as const satisfies Record<string, Contract>;

/** A folder of `functions` that serves routes. */
export type FeatureName = keyof typeof contracts;
