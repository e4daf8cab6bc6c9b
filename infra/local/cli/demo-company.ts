import type { JsonObject } from '../shared/json.ts';
import type { DemoInvoice } from './demo-invoices.ts';

/** What `npm start` loads into an empty stack: a studio with clients of every kind. The password is no secret. */
export const demoCompany = {
  company: {
    name: 'Harbour Lane Studio',
    slug: 'demo',
    currency: 'EUR',
    language: 'en',
    country: 'IE',
    timezone: 'Europe/Dublin',
  },
  owner: { email: 'owner@demo.example', name: 'Orla Byrne', password: 'harbour-lane-demo-2026' },
};

/** The owner's wishes for all mails and invoices, and the fields that the studio keeps of its clients. */
export const demoSettings: JsonObject = {
  paymentTermsDays: 14,
  taxes: [
    { name: 'VAT', rate: '23', isDefault: true },
    { name: 'Reduced VAT', rate: '13.5' },
  ],
  bank: { accountHolder: 'Harbour Lane Studio Ltd', iban: 'IE29AIBK93115212345678', bic: 'AIBKIE2D' },
  emailSignature: 'Harbour Lane Studio\nBranding, packaging and photography',
  sender: { fromName: 'Harbour Lane Studio', replyTo: 'studio@demo.example', color: '#17606b' },
  letterhead: {
    legalName: 'Harbour Lane Studio Ltd',
    address: { line1: '14 Harbour Lane', line2: 'Unit 3', city: 'Dublin', postalCode: 'D02 X285', country: 'IE' },
    vatNumber: 'IE6388047V',
    phone: '+353 1 437 0021',
    email: 'studio@demo.example',
    website: 'https://harbourlane.demo.example',
  },
  customFields: {
    client: {
      custom1: { label: 'Service level', kind: 'choice', choices: ['standard', 'priority'] },
      custom2: { label: 'Client since', kind: 'date' },
    },
    contact: { custom1: { label: 'Preferred channel', kind: 'choice', choices: ['phone', 'e-mail'] } },
  },
};

export type DemoUser = { email: string; name: string; role: string; accepts: boolean };

/** The staff besides the owner. Those who have accepted their invitation sign in with the owner's password. */
export const demoUsers: DemoUser[] = [
  { email: 'declan@demo.example', name: 'Declan Walsh', role: 'admin', accepts: true },
  { email: 'aoife@demo.example', name: 'Aoife Nolan', role: 'editor', accepts: true },
  // Sees the clients that they are linked to, and nothing else.
  { email: 'ruth@demo.example', name: 'Ruth Adeyemi', role: 'user', accepts: true },
  { email: 'books@demo.example', name: 'Sinéad Kearney', role: 'viewer', accepts: false },
];

export type DemoClient = {
  client: JsonObject;
  /** Names in the demo catalogue. */
  group?: string;
  pricing?: string;
  /** Addresses of the users that it is linked to. */
  users?: string[];
  /** What a user changes afterwards, by the user's address. */
  changes?: { by: string; patch: JsonObject }[];
  /** What becomes of the access of the contact with this address to the portal. */
  portal?: { email: string; accepts: boolean }[];
  documents?: DemoDocument[];
  invoices?: DemoInvoice[];
  afterwards: { status?: string; archived?: boolean };
};

export type DemoDocument = { name: string; visibility: 'portal' | 'internal'; lines: string[] };

const contact = (
  firstName: string,
  lastName: string,
  title: string,
  email: string,
  phone: string,
  isPrimary = true,
) => ({
  firstName,
  lastName,
  ...(title === '' ? {} : { title }),
  email,
  phone,
  isPrimary,
});

/** Each client as it is created, and what becomes of it afterwards. The id numbers tell them apart. */
export const demoClients: DemoClient[] = [
  {
    client: {
      type: 'company',
      name: 'Northwind Studio Ltd',
      idNumber: 'HL-001',
      vatNumber: 'GB123456789',
      contacts: [
        contact('Ada', 'Byron', 'Managing director', 'ada@northwind.example', '+44 20 7946 0000'),
        contact('Tom', 'Reid', 'Accounts payable', 'accounts@northwind.example', '+44 20 7946 0002', false),
      ],
      phones: [{ kind: 'phone', location: 'work', number: '+44 20 7946 0001', extension: '12' }],
      billingAddress: { line1: '1 Harbour Road', city: 'London', postalCode: 'E1 6AN', country: 'GB' },
      shippingAddress: 'copy-billing',
      publicNotes: 'Purchase order number on every invoice, please.',
      privateNotes: 'Pays late, but always pays.',
      tags: ['studio', 'retainer'],
      customFields: { custom1: 'priority', custom2: '2021-03-01' },
      metadata: { crm: '1042', warehouse: 'DUB-2' },
    },
    group: 'Retainers',
    pricing: 'Agreed rates',
    users: ['aoife@demo.example', 'ruth@demo.example'],
    changes: [
      { by: 'aoife@demo.example', patch: { website: 'https://northwind.example', industry: 'Design', size: '20–50' } },
      { by: 'declan@demo.example', patch: { tags: ['studio', 'retainer', 'priority'] } },
    ],
    invoices: [
      {
        reference: 'PO-2214',
        issuedDaysAgo: 45,
        lines: [
          ['Brand guidelines, second edition', '1', 480_000],
          ['Photography, half a day', '1.5', 65_000],
        ],
        sent: 'posted',
        paid: 300_000,
      },
      { reference: 'PO-2231', issuedDaysAgo: 3, lines: [['Retainer, hours', '12.5', 9_500]], sent: 'mailed' },
      { reference: 'PO-2240', issuedDaysAgo: 0, lines: [['Packaging of the winter range', '1', 220_000]] },
    ],
    portal: [
      { email: 'ada@northwind.example', accepts: true },
      { email: 'accounts@northwind.example', accepts: false },
    ],
    documents: [
      {
        name: 'Framework agreement 2026.pdf',
        visibility: 'portal',
        lines: [
          'Framework agreement 2026',
          'between Harbour Lane Studio Ltd and Northwind Studio Ltd',
          '1. The studio works at the rates that are agreed for the year.',
          '2. Work is invoiced at the end of each month, due within 14 days.',
          '3. Each side can end the agreement with a notice of three months.',
        ],
      },
      {
        name: 'Call with Ada, spring campaign.txt',
        visibility: 'internal',
        lines: ['Ada wants two routes for the spring campaign.', 'Budget as last year.', 'Next call in two weeks.'],
      },
    ],
    afterwards: {},
  },
  {
    client: {
      type: 'company',
      name: 'Bäckerei Grünwald GmbH',
      idNumber: 'HL-002',
      contacts: [contact('Jürgen', 'Grünwald', 'Geschäftsführer', 'buero@gruenwald.example', '+49 30 901820')],
      billingAddress: { line1: 'Lindenstraße 14', city: 'Berlin', postalCode: '10969', country: 'DE' },
      shippingAddress: { line1: 'Lager Süd, Tor 3', city: 'Berlin', postalCode: '12099', country: 'DE' },
      publicNotes: '',
      privateNotes: 'Prefers to be called before nine.',
      tags: ['food', 'packaging'],
      customFields: { custom1: 'standard', custom2: '2023-09-15' },
      settings: { language: 'de' },
    },
    group: 'Deutschland',
    users: ['declan@demo.example'],
    changes: [
      { by: 'declan@demo.example', patch: { industry: 'Bäckerei', publicNotes: 'Lieferung nur bis elf Uhr.' } },
    ],
    documents: [
      {
        name: 'Angebot Brottüten.pdf',
        visibility: 'portal',
        lines: ['Angebot', 'Gestaltung von Brottüten in drei Größen, zweifarbig', 'Gültig 30 Tage'],
      },
    ],
    invoices: [
      {
        reference: 'HL-17',
        issuedDaysAgo: 30,
        lines: [['Website, first stage', '1', 350_000]],
        sent: 'posted',
        paid: 430_500,
      },
    ],
    afterwards: {},
  },
  {
    client: {
      type: 'person',
      idNumber: 'HL-003',
      contacts: [contact('Camille', 'Laurent', '', 'camille@laurent.example', '+33 1 70 18 99 00')],
      billingAddress: { line1: '8 rue des Martyrs', city: 'Paris', postalCode: '75009', country: 'FR' },
      shippingAddress: 'copy-billing',
      publicNotes: '',
      privateNotes: 'Came through the Lyon exhibition.',
      tags: ['portrait'],
      settings: { language: 'fr' },
    },
    users: ['ruth@demo.example'],
    afterwards: {},
  },
  {
    client: {
      type: 'company',
      name: 'Fjord Outdoor AS',
      idNumber: 'HL-004',
      contacts: [
        contact('Ingrid', 'Solberg', 'Marketing lead', 'ingrid@fjordoutdoor.example', '+47 22 86 55 00'),
        contact('Lars', 'Haugen', 'Finance', 'faktura@fjordoutdoor.example', '+47 22 86 55 01', false),
      ],
      billingAddress: { line1: 'Bryggen 22', city: 'Bergen', postalCode: '5003', country: 'NO' },
      shippingAddress: 'copy-billing',
      publicNotes: 'Season catalogue due in March.',
      privateNotes: '',
      tags: ['retainer', 'outdoor'],
      customFields: { custom1: 'priority' },
    },
    group: 'Retainers',
    pricing: 'Agreed rates',
    users: ['aoife@demo.example', 'declan@demo.example'],
    afterwards: {},
  },
  {
    client: {
      type: 'company',
      name: 'Sakura Trading KK',
      idNumber: 'HL-005',
      contacts: [contact('Yuki', 'Tanaka', 'Buyer', 'tanaka@sakura-trading.example', '+81 3 4578 2000')],
      billingAddress: { line1: '2-8-1 Nishi-Shinjuku', city: 'Tokyo', postalCode: '163-8001', country: 'JP' },
      shippingAddress: 'copy-billing',
      publicNotes: '',
      privateNotes: 'Two weeks for approvals.',
      tags: ['export'],
      settings: { currency: 'JPY' },
    },
    changes: [{ by: 'aoife@demo.example', patch: { publicNotes: 'Proofs in Japanese and English.' } }],
    afterwards: {},
  },
  {
    client: {
      type: 'person',
      idNumber: 'HL-006',
      contacts: [contact('Niamh', "O'Connor", '', 'niamh@oconnor.example', '+353 1 437 0000')],
      billingAddress: { line1: '27 Seapoint Avenue', city: 'Dublin', postalCode: 'A94 X5D2', country: 'IE' },
      shippingAddress: 'copy-billing',
      publicNotes: '',
      privateNotes: 'Wedding album, delivered.',
      tags: ['portrait', 'wedding'],
    },
    afterwards: { status: 'inactive' },
  },
  {
    client: {
      type: 'company',
      name: 'Cordillera Coffee SpA',
      idNumber: 'HL-007',
      contacts: [contact('Matías', 'Fuentes', 'Founder', 'matias@cordillera.example', '+56 2 2345 6789')],
      billingAddress: { line1: 'Av. Italia 1439', city: 'Santiago', postalCode: '7770000', country: 'CL' },
      shippingAddress: 'copy-billing',
      publicNotes: 'Labels in Spanish and English.',
      privateNotes: '',
      tags: ['food', 'export'],
      settings: { language: 'es' },
    },
    afterwards: {},
  },
  {
    client: {
      type: 'company',
      name: 'Old Mill Press',
      idNumber: 'HL-008',
      contacts: [contact('Geoffrey', 'Marsh', 'Owner', 'office@oldmillpress.example', '+1 617 555 0134')],
      billingAddress: { line1: '400 River Street', city: 'Boston', state: 'MA', postalCode: '02126', country: 'US' },
      shippingAddress: 'copy-billing',
      publicNotes: '',
      privateNotes: 'Closed down in spring.',
      tags: ['print'],
    },
    afterwards: { archived: true },
  },
  {
    client: {
      type: 'company',
      name: '株式会社山田商店',
      idNumber: 'HL-009',
      contacts: [contact('健太', '山田', '代表取締役', 'yamada@yamada-shoten.example', '+81 6 6345 0100')],
      billingAddress: { line1: '中央区本町3-2-5', city: '大阪市', postalCode: '541-0053', country: 'JP' },
      shippingAddress: 'copy-billing',
      publicNotes: '',
      privateNotes: 'Met at the packaging fair in Osaka.',
      tags: ['packaging', 'export'],
      settings: { currency: 'JPY' },
    },
    afterwards: {},
  },
];
