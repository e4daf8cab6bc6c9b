import { readFileSync } from 'node:fs';
import type { Stage } from '../stages.ts';
import { readAccessPatterns } from './access-patterns.ts';
import { type BillLine, costOfCreation, type Load, monthlyBill } from './bill.ts';
import { prices } from './prices.ts';
import { billedResources, synthesizedResources } from './template.ts';
import { usage } from './usage.ts';

const patternsFile = new URL('../../lib/table/README.md', import.meta.url);

/** What a month of a stage costs, as a table of text, with what it assumes. Synthesizes the stack, which takes seconds. */
export function costReport(stage: Stage, load: Load): string {
  const patterns = readAccessPatterns(readFileSync(patternsFile, 'utf8'));
  const bill = monthlyBill(billedResources(synthesizedResources(stage)), patterns, load);
  const creation = costOfCreation(patterns, load.clients);
  const total = bill.reduce((sum, { dollars }) => sum + dollars, 0);
  return [
    `USD a month, stage ${stage.name}, list prices of ${prices.region} as of ${prices.asOf}, without free tiers`,
    '',
    ...bill.map(describeLine),
    describeLine({ service: 'Total', what: '', dollars: total }),
    '',
    `Creating the clients, once: ${creation.writes.toFixed(2)} to write them, ${creation.index.toFixed(2)} to index them.`,
    '',
    ...assumptions,
  ].join('\n');
}

function describeLine({ service, what, dollars }: BillLine): string {
  return `${service.padEnd(16)} ${what.padEnd(46)} ${dollars.toFixed(2).padStart(9)}`;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

const assumptions = [
  `Requests: ${Object.entries(usage.mix)
    .map(([name, share]) => `${percent(share)} ${name}`)
    .join(', ')}.`,
  `A request takes ${usage.requestMs} ms, logs ${usage.logBytes} bytes and answers ${usage.answerBytes}; items are small.`,
  `A client takes ${usage.clientBytes / 1000} KB with its indexes and search. Documents in S3, alarm mails and taxes are left out.`,
];
