import { readFileSync, writeFileSync } from 'node:fs';
import { contracts } from '../../functions/contracts.ts';
import { openApi } from '../../lib/http/openapi.ts';

const file = new URL('../../functions/docs/openapi.json', import.meta.url);
const generated = `${JSON.stringify(openApi(Object.values(contracts)), null, 1)}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== generated) {
    console.error('functions/docs/openapi.json is out of date: run npm run openapi and commit it.');
    process.exit(1);
  }
} else writeFileSync(file, generated);
