import { ClientId } from '../../shared/ids.ts';
import { mailKinds, type TemplateKey } from '../kinds.ts';
import type { MailRecords } from '../rendering/values.ts';

const DAY = 24 * 3600_000;

const client: NonNullable<MailRecords['client']> = {
  id: ClientId.parse('cli_01JD8X3V5QZ7M2K4N6P8R0S1TA'),
  number: '0042',
  idNumber: 'HB-7',
  displayName: 'Harbour Bakery',
  vatNumber: 'GB123456789',
  website: 'https://harbour.example',
  phones: [{ kind: 'phone', location: 'work', number: '+44 20 7946 0001', extension: null, e164: null }],
  publicNotes: 'Deliveries before eight in the morning.',
  billingAddress: {
    attention: null,
    line1: '1 Harbour Road',
    line2: null,
    city: 'London',
    state: null,
    postalCode: 'E1 6AN',
    country: 'GB',
  },
  balances: [],
  customFields: { custom1: 'gold', custom2: 'north', custom3: 'weekly', custom4: 'yes' },
};

const contact: NonNullable<MailRecords['contact']> = {
  firstName: 'Ada',
  lastName: 'Byron',
  title: 'Head of purchasing',
  email: 'ada@harbour.example',
  phone: '+44 20 7946 0000',
  username: null,
  customFields: { custom1: 'gold', custom2: 'north', custom3: 'weekly', custom4: 'yes' },
};

/** Sample records of a mail, with dates around `now`, for previews and tests without real ones. */
export function sampleRecords(
  key: TemplateKey,
  { now, currency }: { now: Date; currency: string },
): Omit<MailRecords, 'company'> {
  const money = (amount: number) => ({ amount, currency });
  const dayAfter = (days: number) => new Date(now.getTime() + days * DAY).toISOString().slice(0, 10);
  const balances = [{ currency, invoiced: 240_000, paidToDate: 145_000, balance: 95_000, credit: 0 }];
  return {
    ...(mailKinds[key].recipient === 'user'
      ? { user: { name: 'Olive Owner', email: 'olive@company.example' } }
      : { client: { ...client, balances }, contact }),
    portal: { link: 'https://portal.example/sample', expiresAt: new Date(now.getTime() + 3 * DAY).toISOString() },
    invoice: {
      number: '2026-0007',
      issueDate: dayAfter(-14),
      dueDate: dayAfter(16),
      totals: {
        net: money(100_000),
        tax: money(20_000),
        gross: money(120_000),
        paid: money(25_000),
        due: money(95_000),
      },
      lateFee: money(1500),
    },
    statement: { from: dayAfter(-90), to: dayAfter(0), balance: money(95_000) },
  };
}
