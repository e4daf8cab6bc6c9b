const LATER = '2026-02-03T14:05:00.000Z';
const CREATED = '2026-01-31T09:30:00.000Z';
const reachable = { status: 'ok', since: null };
const address = {
  attention: null,
  line1: '1 Harbour Road',
  line2: null,
  city: 'London',
  state: null,
  postalCode: 'E1 6AN',
  country: 'GB',
};

const phone = { kind: 'phone', location: 'work', number: '+44 20 7946 0001', extension: '12', e164: '+442079460001' };

const listed = {
  number: '0001',
  idNumber: 'NW-7',
  displayName: 'Northwind Studio',
  status: 'active',
  archivedAt: null,
  pricingId: null,
  balances: [],
  tags: ['studio'],
  createdAt: CREATED,
  updatedAt: LATER,
  version: 2,
};

const profile = {
  ...listed,
  vatNumber: 'GB123456789',
  website: 'https://northwind.example',
  industry: 'Design',
  size: '10-50',
  publicNotes: 'Purchase order number on every invoice, please.',
  privateNotes: 'Pays late, but always pays.',
  phones: [phone],
  defaultFax: null,
  billingAddress: address,
  shippingAddress: address,
  settings: { language: 'en-GB', paymentTermsDays: 14 },
  marketingOptIn: { granted: true, at: CREATED, how: 'Form on the web site' },
};

const user = { name: 'Olive Owner', email: 'olive@northwind.example', role: 'owner', status: 'active' };
const storedUser = { ...user, emailStatus: reachable };
const apiToken = {
  role: 'viewer',
  createdAt: CREATED,
  expiresAt: null,
  lastUsedOn: '2026-02-03',
  createdByName: 'Olive Owner',
};

const euros = (amount: number) => ({ amount, currency: 'EUR' });

/** 12.5 hours at 95.00 EUR with 20 % VAT, of which 600.00 EUR are paid. */
const listedInvoice = {
  status: 'partial',
  overdue: false,
  issueDate: '2026-01-31',
  dueDate: '2026-02-14',
  totals: {
    net: euros(118750),
    tax: euros(23750),
    gross: euros(142500),
    paid: euros(60000),
    credited: euros(0),
    due: euros(82500),
  },
  cancelledAt: null,
};

const invoiceDetails = {
  lines: [
    {
      itemId: null,
      description: 'Design of the website',
      quantity: '12.5',
      unitPrice: euros(9500),
      discountRate: '0',
      taxRate: '20',
      taxName: 'VAT',
      net: euros(118750),
      tax: euros(23750),
    },
  ],
  discount: null,
  discountAmount: euros(0),
  taxes: [{ name: 'VAT', rate: '20', net: euros(118750), tax: euros(23750) }],
  pricesIncludeTax: false,
  publicNotes: 'Thank you for your business.',
  privateNotes: '',
};

/**
 * Values of records in the examples of replies, by the names of their schemas. They belong together: one company, one client,
 * one contact. Members that are not here are made up from the schema, so that an example is always complete.
 */
export const exampleRecords: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Company: { language: 'en-GB', mailVerifiedAt: CREATED },
  User: storedUser,
  ChangedUser: { ...storedUser, revokedApiTokens: [] },
  LinkedUser: user,
  ApiToken: apiToken,
  ApiTokenWithSecret: { ...apiToken, lastUsedOn: null, secret: 'clt_01JD8X3V…' },
  ClientsModule: { minimumRole: 'viewer' },
  CompanySettings: {
    paymentTermsDays: 30,
    taskHourlyRate: { amount: 9500, currency: 'EUR' },
    clientNumber: { pattern: '{year}-{counter:4}', next: 42, reset: 'yearly' },
    invoiceNumber: { pattern: '{year}-{counter:4}', next: 43, reset: 'yearly' },
    creditNoteNumber: { pattern: 'CN-{year}-{counter:4}', next: 8, reset: 'yearly' },
    customFields: {
      client: { custom1: { label: 'Tier', kind: 'choice', choices: ['gold', 'silver'] } },
      contact: {},
    },
    sender: { fromName: 'Northwind Studio', replyTo: 'office@northwind.example', color: '#1f4e79' },
    updatedAt: LATER,
    version: 2,
  },
  Invoice: { ...listedInvoice, ...invoiceDetails },
  ListedInvoice: listedInvoice,
  Payment: {
    status: 'received',
    reference: 'RF18 5390',
    notes: '',
    amount: euros(60000),
    allocations: [{ invoiceId: 'inv_01JD8X3V5QZ7M2K4N6P8R0S1TA', invoiceNumber: '2026-0042', amount: euros(60000) }],
    unallocated: euros(0),
    refunded: euros(0),
    refunds: [],
    reversedAt: null,
  },
  Credit: {
    status: 'issued',
    invoiceId: null,
    amount: euros(2500),
    applied: euros(0),
    cancelledAt: null,
  },
  LedgerEntry: {
    kind: 'invoice',
    debit: euros(142500),
    credit: null,
    balanceAfter: euros(142500),
  },
  LedgerProof: { holds: true, currencies: [{ currency: 'EUR', entries: 2, balance: 82500, differences: [] }] },
  LogoUpload: {
    upload: {
      method: 'PUT',
      url: 'https://documents.s3.eu-west-1.amazonaws.com/logos/co_01JD/logo_01JD?X-Amz-Signature=9f86d08',
      headers: {
        'content-length': '18204',
        'content-type': 'image/png',
        'if-none-match': '*',
        'x-amz-checksum-sha256': 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=',
      },
      expiresAt: '2026-02-03T15:05:00.000Z',
    },
  },
  Logo: { updatedAt: LATER, urlExpiresAt: '2026-02-03T14:10:00.000Z' },
  Group: { settings: { paymentTermsDays: 14 } },
  Pricing: { name: 'Wholesale', description: 'For orders of ten and more.', currency: 'EUR' },
  Item: { description: 'An hour of a designer.' },
  ItemPrice: { price: { amount: 9500, currency: 'EUR' } },
  ClientProfile: profile,
  ClientProfileWithIncluded: profile,
  CreatedClient: profile,
  ListedClient: {
    ...listed,
    primaryContact: { id: 'con_01JD8X3V5QZ7M2K4N6P8R0S1TA', name: 'Ada Byron', email: 'ada@northwind.example' },
  },
  LinkedClient: { number: '0001', pricingId: null },
  LinkedClientProfile: {
    ...{ number: '0001', idNumber: 'NW-7', type: 'company', name: 'Northwind Studio', displayName: 'Northwind Studio' },
    ...{
      vatNumber: 'GB123456789',
      phones: [phone],
      defaultFax: null,
      billingAddress: address,
      shippingAddress: address,
    },
    ...{ pricingId: null, archivedAt: null },
  },
  Countries: {
    data: [
      {
        code: 'GB',
        names: { en: 'United Kingdom', fr: 'Royaume-Uni', de: 'Vereinigtes Königreich', es: 'Reino Unido' },
        hasSubdivisions: false,
      },
    ],
  },
  Currencies: { data: [{ code: 'EUR', names: { en: 'Euro', fr: 'euro', de: 'Euro', es: 'euro' }, decimals: 2 }] },
  Languages: {
    data: [
      { code: 'fr', names: { en: 'French', fr: 'français', de: 'Französisch', es: 'francés' }, hasMailTexts: true },
    ],
  },
  Timezones: {
    data: [
      {
        code: 'Europe/London',
        names: {
          en: 'United Kingdom Time',
          fr: 'heure : Royaume-Uni',
          de: 'Vereinigtes Königreich (Ortszeit)',
          es: 'hora de Reino Unido',
        },
      },
    ],
  },
  ProblemList: {
    problems: [
      {
        type: '/problems/validation',
        status: 400,
        title: 'The input is not valid',
        detail: 'The errors array names each fault.',
      },
    ],
    faults: [{ code: 'required', detail: 'The field needs a value.' }],
  },
  Contact: {
    title: 'Managing director',
    emailStatus: reachable,
    phoneE164: '+442079460000',
    phone: '+44 20 7946 0000',
    isPrimary: true,
    portal: { status: 'active', username: 'ada.byron', invitedAt: CREATED, lastSignInAt: LATER },
    createdAt: CREATED,
    updatedAt: LATER,
    version: 3,
  },
  ContactWithPassword: { password: 'velvet-otter-41-lantern' },
  PortalMe: {
    contact: {
      firstName: 'Ada',
      lastName: 'Byron',
      title: 'Managing director',
      email: 'ada@northwind.example',
      phone: '+44 20 7946 0000',
      username: 'ada.byron',
    },
  },
  ClientOverview: {
    balances: [],
    publicNotes: profile.publicNotes,
    privateNotes: profile.privateNotes,
    categories: {
      groups: { count: 1, href: '/v1/groups/grp_01JD8X3V5QZ7M2K4N6P8R0S1TA', createHref: '/v1/groups' },
      documents: {
        count: 3,
        href: '/v1/clients/cli_01JD8X3V5QZ7M2K4N6P8R0S1TA/documents',
        createHref: '/v1/clients/cli_01JD8X3V5QZ7M2K4N6P8R0S1TA/documents',
      },
      ...Object.fromEntries(
        ['payments', 'recurring-invoices', 'quotes', 'credits', 'projects', 'tasks', 'expenses'].map((kind) => [
          kind.replace(/-(\w)/, (_, letter: string) => letter.toUpperCase()),
          { count: 0, href: `/v1/${kind}?clientId=cli_01JD8X3V5QZ7M2K4N6P8R0S1TA`, createHref: `/v1/${kind}` },
        ]),
      ),
    },
  },
  BulkResult: { results: [{ id: 'cli_01JD8X3V5QZ7M2K4N6P8R0S1TA', status: 200 }] },
  EffectiveSettings: {
    currency: { value: 'GBP', source: 'company' },
    language: { value: 'en-GB', source: 'client' },
    timezone: { value: 'Europe/London', source: 'company' },
    paymentTermsDays: { value: 14, source: 'group' },
    quoteValidDays: { value: 30, source: 'default' },
    taskHourlyRate: { value: null, source: 'default' },
    sendReminders: { value: false, source: 'default' },
    reminders: { value: { sendHour: 8, rules: [] }, source: 'default' },
    emailSignature: { value: '', source: 'default' },
    documentLanguage: { value: 'en-GB', source: 'client' },
    defaultPublicNotes: { value: '', source: 'default' },
  },
  GroupReport: { data: [{ group: { id: 'grp_01JD8X3V5QZ7M2K4N6P8R0S1TA', name: 'Key accounts' }, clients: 12 }] },
  Document: { visibility: 'portal', status: 'available', updatedAt: '2026-01-31T09:30:04.000Z', version: 2 },
  CreatedDocument: { document: { status: 'pending', updatedAt: CREATED, version: 1 } },
  Upload: { expiresAt: '2026-01-31T10:30:00.000Z' },
  Download: { expiresAt: '2026-01-31T09:35:00.000Z' },
  ActivityEntry: { changes: [{ field: 'industry', from: 'Printing', to: 'Design' }] },
  SystemLogEntry: {
    event: 'mail.sent',
    detail: 'The invitation to the portal was sent.',
    subject: { type: 'contact', id: 'con_01JD8X3V5QZ7M2K4N6P8R0S1TA' },
  },
  Template: {
    language: 'en',
    textLanguage: 'en',
    source: 'company',
    subject: 'Your access to the portal of $company.name',
    body: 'Hello $contact.name,\n\n$portal.link\n\nKind regards,\n$company.name',
    updatedAt: CREATED,
  },
  ListedTemplate: { language: 'en', source: 'company', subject: 'Your access to the portal of $company.name' },
  RenderedMail: {
    subject: 'Your access to the portal of Northwind Studio',
    html: '<!doctype html>…',
    text: 'Hello Ada Byron,\n…',
  },
  OpenApiDocument: { openapi: '3.1.0' },
};
