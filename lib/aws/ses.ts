import { SESClient, SESServiceException, SendRawEmailCommand } from '@aws-sdk/client-ses';

/** A whole message in MIME, for one address. */
export interface RawMail {
  raw: Uint8Array;
  from: string;
  to: string;
  /** Every SES event of the mail repeats them. ASCII letters, digits, `-` and `_`. */
  tags: Readonly<Record<string, string>>;
}

/**
 * The result of a call. `taken`: SES sends it. `refused`: SES will never send this mail. `not-now`: SES did not
 * accept it now; `account` says that nothing can be sent until the account or the deployment is repaired. `unknown`: the
 * answer was lost or SES failed, so it may have accepted the mail.
 */
export type SesAnswer =
  | { kind: 'taken'; messageId: string }
  | { kind: 'refused'; reason: string }
  | { kind: 'not-now'; reason: string; account: boolean }
  | { kind: 'unknown'; reason: string };

/** Error codes that are about this mail. */
const REJECTIONS = new Set(['MessageRejected', 'InvalidParameterValue']);
/** Error codes that are about the account, the credentials or what was deployed. */
const ACCOUNT_ERRORS = new Set([
  'AccountSendingPausedException',
  'ConfigurationSetDoesNotExistException',
  'ConfigurationSetSendingPausedException',
  'MailFromDomainNotVerifiedException',
  'AccessDenied',
  'AccessDeniedException',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'OptInRequired',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
/** Codes of connections that were never established, so that SES has seen nothing. */
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** The share of SES of the 29 seconds that the function has. */
const TIMEOUT_MS = 20_000;

export interface SesSender {
  /** One call, never repeated. Does not throw. */
  send(mail: RawMail): Promise<SesAnswer>;
}

/**
 * A client with the environment's credentials and region. It makes one attempt: after a lost answer a second one could
 * send the mail twice. It keeps no connection: one that was kept while the function was frozen is dead, and whether a
 * request on it arrived cannot be known.
 */
export function openSes(timeoutMs = TIMEOUT_MS): SESClient {
  const agent = { keepAlive: false };
  return new SESClient({
    maxAttempts: 1,
    requestHandler: { requestTimeout: timeoutMs, throwOnRequestTimeout: true, httpAgent: agent, httpsAgent: agent },
  });
}

/** Sends raw mails through SES with a configuration set. */
export function sesSender(configurationSet: string, client = openSes()): SesSender {
  return {
    async send({ raw, from, to, tags }) {
      try {
        const { MessageId } = await client.send(
          new SendRawEmailCommand({
            Source: from,
            Destinations: [to],
            RawMessage: { Data: raw },
            ConfigurationSetName: configurationSet,
            Tags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
          }),
        );
        if (MessageId === undefined) return { kind: 'unknown', reason: 'NoMessageId' };
        return { kind: 'taken', messageId: MessageId };
      } catch (error) {
        return error instanceof SESServiceException ? resultOfError(error) : resultOfNoAnswer(error);
      }
    },
  };
}

/** How SES words that the sender, or in the sandbox a recipient, is no verified identity of the account. */
const NOT_VERIFIED = /\bnot verified\b/i;

function resultOfError({ name, message, $metadata: { httpStatusCode = 500 } }: SESServiceException): SesAnswer {
  // SES gives this the code of a mail that it rejects, but any mail is accepted once the account is set up. The message
  // has addresses, so it is not passed on.
  if (name === 'MessageRejected' && NOT_VERIFIED.test(message))
    return { kind: 'not-now', reason: 'IdentityNotVerified', account: true };
  if (REJECTIONS.has(name)) return { kind: 'refused', reason: name };
  if (ACCOUNT_ERRORS.has(name)) return { kind: 'not-now', reason: name, account: true };
  // A 503 turns the call away; a 500 may have come after SES accepted the mail.
  if (httpStatusCode < 500 || httpStatusCode === 503) return { kind: 'not-now', reason: name, account: false };
  return { kind: 'unknown', reason: name };
}

function resultOfNoAnswer(error: unknown): SesAnswer {
  const { name = 'Error', code = name } = Object(error);
  const reason = String(code);
  return NOT_CONNECTED.has(reason) ? { kind: 'not-now', reason, account: false } : { kind: 'unknown', reason };
}
