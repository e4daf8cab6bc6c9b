import { readFileSync, writeFileSync } from 'node:fs';
import { contracts } from '../../functions/contracts.ts';
import type { Route } from '../../lib/http/contract.ts';
import { openApi } from '../../lib/http/openapi.ts';

const folder = new URL('../../functions/docs/', import.meta.url);

const all: readonly Route[] = Object.values(contracts).flatMap((contract) => Object.values<Route>(contract));
const methodsByPath = Map.groupBy(all, ({ path }) => path);

/** The document, and the methods of each path, with which unknown paths are told from wrong methods without reading it. */
const generated = {
  'openapi.json': openApi(Object.values(contracts)),
  'routes.json': Object.fromEntries(
    [...methodsByPath].map(([path, routes]) => [path, routes.map(({ method }) => method)]),
  ),
};

for (const [name, content] of Object.entries(generated)) {
  const file = new URL(name, folder);
  const text = `${JSON.stringify(content, null, 1)}\n`;
  if (!process.argv.includes('--check')) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`functions/docs/${name} is out of date: run npm run openapi and commit it.`);
    process.exitCode = 1;
  }
}
