import { type AwsAnswer, type AwsCall, awsCall } from './aws-call.ts';

/** A whole message in MIME, for one address. */
export interface RawMail {
  raw: Uint8Array;
  from: string;
  to: string;
  /** Come back with every event that SES tells of the mail. ASCII letters, digits, `-` and `_`. */
  tags: Readonly<Record<string, string>>;
}

/**
 * What became of a call. `taken`: SES sends it. `refused`: never, as it is. `not-now`: SES did not take it, and may later;
 * `account` says that nothing can be sent at all until somebody mends that. `unknown`: the answer was lost, or SES failed:
 * it may have taken it.
 */
export type SesAnswer =
  | { kind: 'taken'; messageId: string }
  | { kind: 'refused'; reason: string }
  | { kind: 'not-now'; reason: string; account: boolean }
  | { kind: 'unknown'; reason: string };

/** Faults of this very mail. */
const REFUSALS = new Set(['MessageRejected', 'BadRequestException']);
/** Faults of the account or of what was deployed. */
const ACCOUNT_FAULTS = new Set([
  'AccountSuspendedException',
  'SendingPausedException',
  'MailFromDomainNotVerifiedException',
  'NotFoundException',
  'AccessDeniedException',
  'UnrecognizedClientException',
  'ExpiredTokenException',
  'InvalidSignatureException',
]);
/** Connections that never came to be: nothing was asked. */
const NEVER_ASKED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

export interface SesSender {
  send(mail: RawMail): Promise<SesAnswer>;
}

interface SesDeps {
  configurationSet: string;
  call?: AwsCall;
  /** What SES is given, of the function's 29 seconds. */
  milliseconds?: number;
}

/** Sends through SES with a configuration set. Never tries twice: an answer that was lost may have been a yes. */
export function sesSender({ configurationSet, call = openSes(), milliseconds = 20_000 }: SesDeps): SesSender {
  return {
    async send({ raw, from, to, tags }) {
      try {
        const answer = await call({
          path: '/v2/email/outbound-emails',
          headers: { 'content-type': 'application/json' },
          body: {
            FromEmailAddress: from,
            Destination: { ToAddresses: [to] },
            Content: { Raw: { Data: Buffer.from(raw).toString('base64') } },
            ConfigurationSetName: configurationSet,
            EmailTags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
          },
          milliseconds,
        });
        return answer.error === undefined ? taken(answer) : refused(answer.error, answer.status);
      } catch (error) {
        return lost(error);
      }
    },
  };
}

/** SES version 2, in the environment's region. */
function openSes(): AwsCall {
  return awsCall({ signedAs: 'ses', host: 'email', endpointVariable: 'AWS_ENDPOINT_URL_SESV2' });
}

function taken({ body }: AwsAnswer): SesAnswer {
  const { MessageId } = body;
  return typeof MessageId === 'string'
    ? { kind: 'taken', messageId: MessageId }
    : { kind: 'unknown', reason: 'NoMessageId' };
}

function refused(name: string, status: number): SesAnswer {
  if (REFUSALS.has(name)) return { kind: 'refused', reason: name };
  if (ACCOUNT_FAULTS.has(name)) return { kind: 'not-now', reason: name, account: true };
  // A 503 turns the call away; what a 500 broke off may have been done by then.
  if (status < 500 || status === 503) return { kind: 'not-now', reason: name, account: false };
  return { kind: 'unknown', reason: name };
}

/** No answer came. `fetch` says why in the error's cause. */
function lost(error: unknown): SesAnswer {
  const { name = 'Error', cause } = Object(error);
  const reason = String(Object(cause).code ?? name);
  return NEVER_ASKED.has(reason) ? { kind: 'not-now', reason, account: false } : { kind: 'unknown', reason };
}
