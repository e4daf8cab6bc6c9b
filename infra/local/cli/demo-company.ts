import type { JsonObject } from '../shared/json.ts';

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

export type DemoClient = { client: JsonObject; afterwards: { status?: string; archived?: boolean } };

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
    },
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
    },
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
    },
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
    },
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
    },
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
];
