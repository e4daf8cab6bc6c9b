import { TemplateKey } from '../kinds.ts';
import { formatVariables } from '../rendering/values.ts';
import { frenchNameOf, VARIABLES, type Variables, variablesOf } from '../rendering/variables.ts';
import { sampleRecords } from './sample.ts';
import type { TemplateVariable } from './schema.ts';

const COMPANY = { name: 'Northwind Studio', email: 'office@northwind.example' };

/** Examples of what the sample records leave out. */
const OTHER_EXAMPLES: Variables = { 'client.state': 'Bavaria' };

/** Every variable with both names, an example, and the mails that have it. `now` is the time of the examples. */
export function listVariables(now: Date): TemplateVariable[] {
  const mails = TemplateKey.options.map((key) => ({
    key,
    variables: new Set(variablesOf(key)),
    values: formatVariables(
      { ...sampleRecords(key, { now, currency: 'EUR' }), company: COMPANY },
      { language: 'en', timezone: 'UTC' },
    ),
  }));
  return VARIABLES.map((variable) => {
    const having = mails.filter(({ variables }) => variables.has(variable));
    return {
      name: `$${variable}`,
      frenchName: `$${frenchNameOf(variable)}`,
      example:
        having.map(({ values }) => values[variable] ?? '').find((value) => value !== '') ??
        OTHER_EXAMPLES[variable] ??
        '',
      templates: having.map(({ key }) => key),
    };
  });
}
