import { RemovalPolicy } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';

/** How often something may happen in an hour and in a day. */
interface Limit {
  readonly hour: number;
  readonly day: number;
}

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
  /** Requests per second, and in a burst, of all callers together. API Gateway may count each route for itself. */
  readonly throttle: { readonly rate: number; readonly burst: number };
  /** Whether new companies can sign up over the API. */
  readonly signUp: 'open' | 'closed';
  /** Sign-ups from one IP address, or from one /64 of IPv6. */
  readonly signUpLimit: Limit;
  /**
   * Mails to one mailbox, over all companies; to one contact or user of a company; and of one company. What anybody can
   * request for an address, such as a new password, is counted apart, with the limit of a mailbox.
   */
  readonly mailLimits: { readonly mailbox: Limit; readonly contact: Limit; readonly company: Limit };
  /** The cost of password hashes, see lib/credentials/passwords.ts. `test` protects nothing: it makes the tests fast. */
  readonly passwordHashing: 'owasp' | 'test';
  /**
   * The sender of all mail. Its domain is verified by the DNS records in the outputs of the stack. Without a sender the
   * stage has no SES identity and sends no mail: the system log says so for each mail.
   */
  readonly sender?: string;
  /**
   * The sender's domain or address is an SES identity of the account already, in this region. The stack creates none then.
   */
  readonly existingIdentity?: boolean;
  /** The base URLs of links in mails, for contacts and for staff. The company's slug is appended. */
  readonly pages: { readonly portal: string; readonly staff: string };
  /** The address that gets the alarms by mail, once it has confirmed the subscription. */
  readonly alarmEmail?: string;
}

const mailLimits = {
  mailbox: { hour: 5, day: 20 },
  contact: { hour: 3, day: 10 },
  company: { hour: 200, day: 1000 },
};

/** Never reached by a suite, which has one IP address and few addresses. */
const unlimited: Limit = { hour: 1_000_000, day: 1_000_000 };

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
  // Developers sign up from one address, and mail the same few made-up ones.
  signUpLimit: { hour: 30, day: 200 },
  mailLimits: { ...mailLimits, mailbox: { hour: 20, day: 100 } },
  passwordHashing: 'owasp',
  // A domain that you own is given with `-c sender=`: nobody can verify an invented one.
  pages: { portal: 'http://localhost:5173/portal', staff: 'http://localhost:5173' },
};

const stages: Readonly<Record<string, Stage>> = {
  dev,
  /** For the tests. It is never deployed. */
  test: {
    ...dev,
    name: 'test',
    stackName: 'Clientele-test',
    passwordHashing: 'test',
    sender: 'no-reply@dev.clientele.example',
    signUpLimit: unlimited,
    mailLimits: { mailbox: unlimited, contact: unlimited, company: unlimited },
  },
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
    signUpLimit: { hour: 5, day: 20 },
    mailLimits,
    passwordHashing: 'owasp',
    sender: 'no-reply@clientele.example',
    pages: { portal: 'https://portal.clientele.example', staff: 'https://app.clientele.example' },
  },
};

/**
 * The stage with the sender that the deployment's context names, if any: `-c sender=no-reply@studio.example`, and
 * `-c existingIdentity=true` if its domain is an SES identity already.
 * @throws Error if the sender is no address
 */
export function withSender(stage: Stage, context: { sender?: unknown; existingIdentity?: unknown }): Stage {
  const sender = context.sender ?? stage.sender;
  if (sender === undefined) return stage;
  if (typeof sender !== 'string' || !/^[\x21-\x3f\x41-\x7e]+@[^\s@]+\.[^\s@]+$/.test(sender))
    throw new Error(`The sender "${sender}" is no e-mail address, such as no-reply@studio.example.`);
  const existing = String(context.existingIdentity ?? stage.existingIdentity ?? false) === 'true';
  return { ...stage, sender, existingIdentity: existing };
}

/** @throws Error with the existing names if there is no such stage */
export function stageNamed(name: string): Stage {
  const stage = Object.hasOwn(stages, name) ? stages[name] : undefined;
  if (!stage) throw new Error(`There is no stage "${name}": choose one of ${Object.keys(stages).join(', ')}.`);
  return stage;
}
