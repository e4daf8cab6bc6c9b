import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** What differs between the deployments of Clientele. Code and stack are otherwise the same. */
export interface Stage {
  readonly name: string;
  /** Stages never share a stack: `npm run deploy` without a stage cannot weaken production. */
  readonly stackName: string;
  /** What happens to table, bucket, secrets and logs on `cdk destroy` or a replacement. */
  readonly removalPolicy: RemovalPolicy;
  readonly deletionProtection: boolean;
  readonly pointInTimeRecovery: boolean;
  readonly logRetention: RetentionDays;
  /** Browser origins that may call the API. */
  readonly allowedOrigins: readonly string[];
  /** Requests per second, and in a burst, of all callers together. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** Whether new companies can sign up over the API. */
  readonly signUp: 'open' | 'closed';
  /** The cost of password hashes, see lib/credentials/passwords.ts. `test` protects nothing: it makes the tests fast. */
  readonly passwordHashing: 'owasp' | 'test';
  /** The sender of all mail. Its domain is verified by the DNS records in the outputs of the stack. */
  readonly sender: string;
  /** The base URLs of links in mails, for contacts and for staff. The company's slug is appended. */
  readonly pages: { readonly portal: string; readonly staff: string };
  /** The address that gets the alarms by mail, once it has confirmed the subscription. */
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
  /** For the tests. It is never deployed. */
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

/** @throws Error with the existing names if there is no such stage */
export function stageNamed(name: string): Stage {
  const stage = Object.hasOwn(stages, name) ? stages[name] : undefined;
  if (!stage) throw new Error(`There is no stage "${name}": choose one of ${Object.keys(stages).join(', ')}.`);
  return stage;
}
