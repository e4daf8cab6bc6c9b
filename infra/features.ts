import { contracts, type FeatureName } from '../functions/contracts.ts';
import { type ClientIndex, clientIndexNames } from '../lib/table/layout.ts';
import type { BucketAction, ObjectAction, TableAction } from './constructs/feature.ts';
import type { Stage } from './stages.ts';

/** What the stack needs to know of a function that serves routes, besides its contract. */
export interface FeatureSpec {
  /** One sentence: what callers cannot do while it fails. It stands in the description of its alarm. */
  readonly impact: string;
  /** MB; the share of a CPU grows with it. @default 512 */
  readonly memory?: number;
  /** At most 29. @default 10 */
  readonly timeoutSeconds?: number;
  readonly environment?: (stage: Stage) => Readonly<Record<string, string>>;
  /** What its own code does on the table; the frame's share is added. A transaction needs the actions of its members. */
  readonly tableActions?: readonly TableAction[];
  /** Indexes that it queries. */
  readonly queries?: readonly ClientIndex[];
  /** What it does with objects of the bucket. To presign a URL takes the same permission as to use it. */
  readonly objectActions?: readonly ObjectAction[];
  readonly bucketActions?: readonly BucketAction[];
  /** Files of the repository that it reads at run time. */
  readonly files?: readonly string[];
}

/** Reading and writing items, without conditions on other items. */
const readWrite = ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'] as const;

/** Memory of functions that check passwords: argon2 takes 46 MiB a check, and its time falls with the CPU that comes with memory. */
const passwordMemory = 1024;

/** Each function that serves the contract of the same name. */
export const features: Readonly<Record<FeatureName, FeatureSpec>> = {
  accounts: {
    impact: 'Nobody can sign up, sign in or renew a session; sessions end within minutes.',
    memory: passwordMemory,
    environment: ({ signUp, passwordHashing }) => ({ SIGN_UP: signUp, PASSWORD_HASHING: passwordHashing }),
    tableActions: readWrite,
  },
  company: {
    impact: 'Nobody can read or change the company, its settings or its modules.',
    tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
  },
  team: {
    impact: 'Users and API tokens can be neither listed, added, changed nor locked out.',
    tableActions: readWrite,
  },
  portal: {
    impact: 'No contact of a client can accept an invitation, sign in to the portal or renew a session.',
    memory: passwordMemory,
    environment: ({ passwordHashing }) => ({ PASSWORD_HASHING: passwordHashing }),
    tableActions: readWrite,
  },
  clients: {
    impact: 'Nobody can find, read or change clients.',
    tableActions: [...readWrite, 'BatchGetItem'],
    queries: clientIndexNames,
  },
  'client-bulk': {
    impact: 'Many clients cannot be changed at once; one by one they can.',
    timeoutSeconds: 29, // up to 500 clients
    tableActions: ['BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
  },
  contacts: {
    impact: 'Contacts of clients can be neither read, added, changed nor deleted.',
    tableActions: readWrite,
  },
  'client-users': {
    impact: 'Users can be neither linked to clients nor taken from them, and see no clients of theirs.',
    tableActions: ['BatchGetItem', 'Query', 'PutItem', 'DeleteItem', 'ConditionCheckItem'],
  },
  'client-settings': {
    impact: 'Nobody sees which settings hold for a client, or can set its own.',
    tableActions: ['GetItem', 'BatchGetItem', 'PutItem'],
  },
  groups: {
    impact: 'Groups of clients can be neither read, added, changed nor deleted.',
    tableActions: readWrite,
  },
  pricings: {
    impact: 'Pricings, items and prices can be neither read, added, changed nor deleted.',
    tableActions: [...readWrite, 'BatchGetItem', 'ConditionCheckItem'],
  },
  documents: {
    impact: 'Documents can be neither uploaded, found, downloaded, changed nor deleted.',
    tableActions: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem'],
    objectActions: ['PutObject', 'GetObjectVersion'],
  },
  templates: {
    impact: 'The texts of mails can be neither read, changed nor tried; mails go out as they are.',
    tableActions: [...readWrite, 'BatchGetItem', 'ConditionCheckItem'],
  },
  traces: {
    impact: 'Nobody sees what was done to clients and what the backend did for them.',
    tableActions: ['GetItem', 'Query'],
  },
  mail: {
    impact: 'Failed mails cannot be sent again, and addresses that mail came back from cannot be cleared.',
    tableActions: readWrite,
  },
  docs: {
    impact: 'The documentation does not load and wrong addresses answer 500 instead of 404; the API itself works.',
    files: [
      'functions/docs/openapi.json',
      'functions/docs/page.html',
      'node_modules/@scalar/api-reference/dist/browser/standalone.js',
    ],
  },
};

/** In the order of the registry. */
export const featureNames = Object.keys(contracts).filter((name): name is FeatureName => name in contracts);
