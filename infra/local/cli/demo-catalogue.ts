import type { JsonObject } from '../shared/json.ts';

/** The groups of the demo company, with what they set for their clients. */
export const demoGroups: JsonObject[] = [
  { name: 'Retainers', settings: { paymentTermsDays: 30, invoiceDelivery: 'email' } },
  {
    name: 'Deutschland',
    settings: {
      language: 'de',
      timezone: 'Europe/Berlin',
      emailSignature: 'Harbour Lane Studio\nMarken, Verpackung und Fotografie',
    },
  },
];

/** The items of the demo company, with their prices in cents by the name of the pricing. */
export const demoItems: { item: JsonObject; prices: Record<string, number> }[] = [
  {
    item: { kind: 'service', name: 'Design', description: 'Branding and packaging.', unit: 'hour', taxRate: '23' },
    prices: { Standard: 9500, 'Agreed rates': 8200 },
  },
  {
    item: { kind: 'service', name: 'Photography', description: 'In the studio.', unit: 'day', taxRate: '23' },
    prices: { Standard: 78000, 'Agreed rates': 69000 },
  },
  {
    item: { kind: 'service', name: 'Retouching', unit: 'image', taxRate: '23' },
    prices: { Standard: 1800, 'Agreed rates': 1500 },
  },
  {
    item: { kind: 'resource', name: 'Proof print A3', description: 'On matt paper.', unit: 'sheet', taxRate: '23' },
    prices: { Standard: 650 },
  },
];

export const demoPricings: JsonObject[] = [
  { name: 'Standard', description: 'For every client without a contract.', currency: 'EUR' },
  { name: 'Agreed rates', description: 'For clients with a framework agreement.', currency: 'EUR' },
];
