import { contracts, type FeatureName } from '../functions/contracts.ts';
import { clientIndexNames, recordIndexNames, type TableIndex } from '../lib/table/layout.ts';
import type { BucketAction, ObjectAction, TableAction } from './constructs/feature.ts';
import type { Stage } from './stages.ts';

/** What the stack needs to know about an HTTP function besides its contract. */
export interface FeatureSpec {
  /** One sentence for the description of its alarm: what users cannot do while it fails. */
  readonly impact: string;
  /** In MB. The CPU share grows with it. @default 512 */
  readonly memory?: number;
  /** At most 29. @default 10 */
  readonly timeoutSeconds?: number;
  readonly environment?: (stage: Stage) => Readonly<Record<string, string>>;
  /**
   * What its own code does on the table; what the frame needs is added. A transaction needs the actions of its writes.
   */
  readonly tableActions?: readonly TableAction[];
  /** The indexes that it queries. */
  readonly queries?: readonly TableIndex[];
  /** What it does with objects of the bucket. To presign a request takes the permission for the request. */
  readonly objectActions?: readonly ObjectAction[];
  /** The beginning of the keys of these objects. @default every object */
  readonly objectPrefix?: string;
  readonly bucketActions?: readonly BucketAction[];
  /** Whether its own code needs the application secret. The frame gets it where a route needs it. */
  readonly applicationSecret?: true;
  /** Files of the repository that it reads at run time. */
  readonly files?: readonly string[];
}

const readWrite = ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'] as const;

/**
 * For functions that check passwords: argon2 needs 46 MiB for a check, and is faster with the CPU that comes with more
 * memory.
 */
const passwordMemory = 1024;

/**
 * For functions that create contacts, which may get a password at once. Few do, so these functions keep the usual memory:
 * a hash takes them a fraction of a second, and they make one after the other.
 */
const newAccounts = (stage: Stage) => ({ ...mailLimits(stage), PASSWORD_HASHING: stage.passwordHashing });

/** For functions that queue mail. */
const mailLimits = ({ mailLimits }: Stage) => ({ MAIL_LIMITS: JSON.stringify(mailLimits) });

/** The beginning of the keys of logos: `lib/logo/object-key.ts`. */
export const logoPrefix = 'logos/';

/** The HTTP functions, by the names of their contracts. */
export const features: Readonly<Record<FeatureName, FeatureSpec>> = {
  accounts: {
    impact: 'Staff can neither sign up, sign in nor renew a session, so everybody is signed out within minutes.',
    memory: passwordMemory,
    environment: (stage) => ({
      SIGN_UP: stage.signUp,
      SIGN_UP_LIMIT: JSON.stringify(stage.signUpLimit),
      PASSWORD_HASHING: stage.passwordHashing,
      ...mailLimits(stage),
    }),
    tableActions: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'],
    applicationSecret: true, // device tokens
  },
  company: {
    impact: 'Staff can neither see nor change the company, its settings, its logo and its modules.',
    tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
    queries: ['clientsByCreation'],
    objectActions: ['PutObject', 'GetObjectVersion'],
    objectPrefix: logoPrefix,
  },
  team: {
    impact: 'Staff can neither see nor change users and API tokens, and cannot lock anybody out.',
    environment: mailLimits,
    tableActions: [...readWrite, 'ConditionCheckItem'],
  },
  portal: {
    impact: 'Contacts of clients can neither accept an invitation, sign in to the portal nor renew a session.',
    memory: passwordMemory,
    environment: ({ passwordHashing, pages }) => ({ PASSWORD_HASHING: passwordHashing, PORTAL_URL: pages.portal }),
    tableActions: [...readWrite, 'ConditionCheckItem'],
    applicationSecret: true, // device tokens
  },
  clients: {
    impact: 'Staff can neither find, read nor change clients.',
    environment: newAccounts,
    tableActions: [...readWrite, 'BatchGetItem'],
    queries: clientIndexNames,
  },
  'client-bulk': {
    impact: 'Bulk actions on clients fail. Changes of single clients still work.',
    timeoutSeconds: 29, // up to 500 clients
    tableActions: ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
  },
  contacts: {
    impact: 'Staff can neither read, add, change nor delete contacts of clients.',
    environment: newAccounts,
    tableActions: readWrite,
  },
  'client-users': {
    impact: 'Users can be neither linked to clients nor unlinked, and do not see the clients that they are linked to.',
    tableActions: [...readWrite, 'BatchGetItem', 'ConditionCheckItem'],
  },
  'client-settings': {
    impact: 'Staff can neither see nor change the settings of a client.',
    tableActions: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
  },
  groups: {
    impact: 'Staff can neither read, add, change nor delete groups of clients.',
    tableActions: readWrite,
  },
  pricings: {
    impact: 'Staff can neither read, add, change nor delete pricings, items and prices.',
    tableActions: [...readWrite, 'BatchGetItem', 'ConditionCheckItem'],
  },
  invoices: {
    impact: 'Staff can neither see, draft, send nor cancel invoices.',
    timeoutSeconds: 29, // waits for its turn when many send at once
    environment: mailLimits,
    tableActions: [...readWrite, 'BatchGetItem'],
    queries: recordIndexNames,
  },
  payments: {
    impact: 'Staff can neither see, record, refund nor reverse payments.',
    timeoutSeconds: 29, // waits for its turn when many change one client
    tableActions: [...readWrite, 'BatchGetItem'],
    queries: recordIndexNames.filter((name) => /By(Date|Amount)$/.test(name)),
  },
  credits: {
    impact: 'Staff can neither see, issue nor cancel credit notes.',
    timeoutSeconds: 29, // waits for its turn when many change one client
    tableActions: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'],
    queries: recordIndexNames.filter((name) => !name.endsWith('ByDueDate')),
  },
  ledger: {
    impact: 'Staff can neither see nor prove the ledgers of clients.',
    timeoutSeconds: 29, // a proof reads all records of a client
    tableActions: ['GetItem', 'BatchGetItem', 'Query'],
  },
  documents: {
    impact: 'Staff can neither list, upload, download, change nor delete documents.',
    tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
    objectActions: ['PutObject', 'GetObjectVersion'],
  },
  templates: {
    impact: 'Staff can neither read, change nor preview the texts of mails. Mails are still sent with the saved texts.',
    environment: mailLimits,
    tableActions: [...readWrite, 'BatchGetItem', 'ConditionCheckItem'],
  },
  traces: {
    impact: 'Staff cannot see the activity of clients and the system log.',
    tableActions: ['GetItem', 'Query'],
  },
  mail: {
    impact: 'Staff cannot send failed mails again, and cannot allow mail to a suppressed address.',
    environment: mailLimits,
    tableActions: readWrite,
  },
  reference: {
    impact: 'The lists of countries, currencies, languages, time zones and problems do not load.',
  },
  docs: {
    impact:
      'The API documentation does not load, and unknown paths are answered with 500 instead of 404. The API itself works.',
    files: [
      'functions/docs/openapi.json.gz',
      'functions/docs/page.html.gz',
      'functions/docs/start.js.gz',
      'node_modules/@scalar/api-reference/dist/browser/standalone.js.gz',
    ],
  },
};

/** In the order of the registry. */
export const featureNames = Object.keys(contracts).filter((name): name is FeatureName => name in contracts);
