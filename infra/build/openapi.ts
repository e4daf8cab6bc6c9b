import { readFileSync, writeFileSync } from 'node:fs';
import { accounts } from '../../functions/accounts/contract.ts';
import { clientBulk } from '../../functions/client-bulk/contract.ts';
import { clientSettings } from '../../functions/client-settings/contract.ts';
import { clientUsers } from '../../functions/client-users/contract.ts';
import { clients } from '../../functions/clients/contract.ts';
import { company } from '../../functions/company/contract.ts';
import { contacts } from '../../functions/contacts/contract.ts';
import { docs } from '../../functions/docs/contract.ts';
import { documents } from '../../functions/documents/contract.ts';
import { groups } from '../../functions/groups/contract.ts';
import { mail } from '../../functions/mail/contract.ts';
import { portal } from '../../functions/portal/contract.ts';
import { pricings } from '../../functions/pricings/contract.ts';
import { team } from '../../functions/team/contract.ts';
import { templates } from '../../functions/templates/contract.ts';
import { traces } from '../../functions/traces/contract.ts';
import { openApi } from '../../lib/http/openapi.ts';

const file = new URL('../../functions/docs/openapi.json', import.meta.url);
const contracts = [
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
const made = `${JSON.stringify(openApi(contracts), null, 1)}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== made) {
    console.error('functions/docs/openapi.json is not what the contracts say: run npm run openapi and commit it.');
    process.exit(1);
  }
} else writeFileSync(file, made);
