import { readFileSync, writeFileSync } from 'node:fs';
import { contracts } from '../../functions/contracts.ts';
import { openApi } from '../../lib/http/openapi.ts';

const file = new URL('../../functions/docs/openapi.json', import.meta.url);
const made = `${JSON.stringify(openApi(Object.values(contracts)), null, 1)}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== made) {
    console.error('functions/docs/openapi.json is not what the contracts say: run npm run openapi and commit it.');
    process.exit(1);
  }
} else writeFileSync(file, made);
