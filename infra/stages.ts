import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What differs between the places Clientele is deployed to. Everything else is the same code and the same stack. */
export interface Stage {
  readonly name: string;
  /** Stages never share a stack: `npm run deploy` without a stage cannot weaken production. */
  readonly stackName: string;
  /** What `cdk destroy`, or a replacement, does to the table, the secrets and the logs. */
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly logRetention: RetentionDays;
  /** Browser origins that may call the API. */
  readonly allowedOrigins: readonly string[];
  /** Requests per second, and at once, of all callers together. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** `closed`: no new company can be opened over the API. */
  readonly signUp: 'open' | 'closed';
  /** What a password hash costs, see lib/credentials/passwords.ts. `test` protects nothing: it makes the tests fast. */
  readonly passwordHashing: 'owasp' | 'test';
  /** The address that all mail comes from. Its domain is verified by the DNS records that the outputs name. */
  readonly sender: string;
  /** Where the links of mails lead, behind each the company's slug: the portal of contacts, and the pages of the staff. */
  readonly pages: { readonly portal: string; readonly staff: string };
  /** Gets a mail for each alarm, once it has confirmed its subscription. */
  readonly alarmEmail?: string;
}

const dev: Stage = {
  name: 'dev',
  stackName: 'Clientele-dev',
  removalPolicy: RemovalPolicy.DESTROY,
  deletionProtection: false,
  pointInTimeRecovery: false,
  logRetention: RetentionDays.ONE_WEEK,
  allowedOrigins: ['http://localhost:3000', 'http://localhost:5173'],
  throttle: { rate: 100, burst: 200 },
  signUp: 'open',
  passwordHashing: 'owasp',
  sender: 'no-reply@dev.clientele.example',
  pages: { portal: 'http://localhost:5173/portal', staff: 'http://localhost:5173' },
};

const stages: Readonly<Record<string, Stage>> = {
  dev,
  /** What the tests run: never deployed. */
  test: { ...dev, name: 'test', stackName: 'Clientele-test', passwordHashing: 'test' },
  prod: {
    name: 'prod',
    stackName: 'Clientele',
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection: true,
    pointInTimeRecovery: true,
    logRetention: RetentionDays.SIX_MONTHS,
    allowedOrigins: ['https://app.clientele.example'],
    throttle: { rate: 1000, burst: 2000 },
    signUp: 'open',
    passwordHashing: 'owasp',
    sender: 'no-reply@clientele.example',
    pages: { portal: 'https://portal.clientele.example', staff: 'https://app.clientele.example' },
  },
};

/** @throws Error when no stage has the name, with the names there are. */
export function stageNamed(name: string): Stage {
  const stage = Object.hasOwn(stages, name) ? stages[name] : undefined;
  if (!stage) throw new Error(`There is no stage "${name}": choose one of ${Object.keys(stages).join(', ')}.`);
  return stage;
}
