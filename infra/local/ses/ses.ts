import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import PostalMime, { type Address, type Attachment } from 'postal-mime';
import { ServiceError } from '../endpoint/service-error.ts';
import { appendDurably, readJsonLines, writeAtomically } from '../shared/files.ts';
import type { Json } from '../shared/json.ts';
import { asNumber, asObject, asString, asStrings } from '../shared/json.ts';
import type { CapturedMail, ConfigurationSetModel } from './captured-mail.ts';
import { type PublishedEvent, sesEvents } from './events.ts';
import { listParameter } from './query-protocol.ts';

/** A fault of the next call, requested under `/_local`. */
export type MailFault = {
  /** The error code of the response; undefined to accept the mail, after the delay. */
  error?: string | undefined;
  status: number;
  /** Milliseconds before the call is processed. */
  delay: number;
  /** Accept the mail although the response is an error. */
  taken: boolean;
  /** Publish no events about the accepted mail. */
  silent: boolean;
};

/** What AWS knows of the account, as far as it decides whether a mail is accepted. */
export type MailAccount = { sandbox: boolean; identities: readonly string[] };

export type MailBox = {
  /** Accepts a SendRawEmail call and returns its message id. The mail is on disk by then. @throws ServiceError */
  send(parameters: URLSearchParams, sender: string): Promise<string>;
  /** Oldest first. With `to`, only mail to that address. */
  list(to?: string): CapturedMail[];
  clear(): void;
  /** The verified identities of the account: those of the stack, unless `setAccount` names others. */
  identities(): readonly string[];
  /** Whether the account is in the sandbox, where SES delivers to verified identities and its mailbox simulator only. */
  inSandbox(): boolean;
  /** Sets the state of the account: it is out of the sandbox, with the stack's identities verified, unless it says otherwise. */
  setAccount(account: Partial<MailAccount>): void;
  /** Applies faults to the next calls, one each, in place of those set before. */
  fail(faults: readonly MailFault[]): void;
};

/** Reads the state of the account from the body of `PUT /_local/mail/account`. */
export function readMailAccount(given: Json | undefined): Partial<MailAccount> {
  const { sandbox, identities } = asObject(given);
  return { sandbox: sandbox === true, ...(identities !== undefined && { identities: asStrings(identities) }) };
}

/** Reads a fault from the body of `POST /_local/mail/faults`. */
export function readMailFault(given: Json): MailFault {
  const { error, status, delay, taken, silent } = asObject(given);
  return {
    error: asString(error),
    status: asNumber(status) ?? 400,
    delay: asNumber(delay) ?? 0,
    taken: taken === true,
    silent: silent === true,
  };
}

/** SES that keeps mail instead of sending it. */
export function openMailBox(
  file: string,
  verifiedIdentities: readonly string[],
  sets: readonly ConfigurationSetModel[] = [],
  publish: (event: PublishedEvent) => void = () => undefined,
  region = 'eu-west-1',
): MailBox {
  let mails = readJsonLines(file) as CapturedMail[];
  let faults: MailFault[] = [];
  let account: MailAccount = { sandbox: false, identities: verifiedIdentities };

  function accept(mail: CapturedMail, silent: boolean): void {
    mails.push(mail);
    appendDurably(file, JSON.stringify(mail));
    const set = sets.find(({ name }) => name === mail.configurationSet);
    if (set !== undefined && !silent) for (const event of sesEvents(mail, set)) publish(event);
  }

  return {
    async send(parameters, sender) {
      const mail = await readMail(parameters, sender);
      checkMail(mail);
      checkIdentities(mail, account, region);
      if (mail.configurationSet !== null && !sets.some(({ name }) => name === mail.configurationSet))
        throw new ServiceError(
          'ConfigurationSetDoesNotExist',
          `Configuration set <${mail.configurationSet}> does not exist.`,
        );
      const fault = faults.shift();
      if (fault !== undefined && fault.delay > 0) await setTimeout(fault.delay);
      if (fault?.error === undefined || fault.taken) accept(mail, fault?.silent ?? false);
      if (fault?.error !== undefined) throw new ServiceError(fault.error, 'Requested under /_local.', fault.status);
      return mail.id;
    },
    identities: () => account.identities,
    inSandbox: () => account.sandbox,
    setAccount({ sandbox = false, identities = verifiedIdentities }) {
      account = { sandbox, identities };
    },
    fail(next) {
      faults = [...next];
    },
    list(to) {
      const wanted = to?.toLowerCase();
      if (wanted === undefined) return mails;
      return mails.filter((mail) => mail.to.some((address) => address.toLowerCase() === wanted));
    },
    clear() {
      mails = [];
      writeAtomically(file, '', { durable: true });
    },
  };
}

/** The limit of SES version 1 on a whole message, its attachments included. */
const maximumMessageBytes = 10 * 1024 * 1024;

async function readMail(parameters: URLSearchParams, sender: string): Promise<CapturedMail> {
  const raw = Buffer.from(parameters.get('RawMessage.Data') ?? '', 'base64');
  if (raw.length === 0) throw new ServiceError('ValidationError', 'RawMessage.Data must not be empty.');
  if (raw.length > maximumMessageBytes)
    throw invalidParameter(`Message length is more than ${maximumMessageBytes} bytes long.`);
  const email = await PostalMime.parse(raw);
  const source = splitAddress(parameters.get('Source') ?? '');
  const headers: Record<string, string> = {};
  for (const { key, value } of email.headers) headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  const tagNames = listParameter(parameters, 'Tags.*.Name');
  const tagValues = listParameter(parameters, 'Tags.*.Value');
  return {
    id: `${Date.now().toString(16)}-${randomUUID()}`,
    time: new Date().toISOString(),
    function: sender,
    configurationSet: parameters.get('ConfigurationSetName'),
    tags: Object.fromEntries(tagNames.map((name, index) => [name, tagValues[index] ?? ''])),
    from: source.address,
    fromName: source.name || (email.from?.name ?? ''),
    to: listParameter(parameters, 'Destinations.*').map((destination) => splitAddress(destination).address),
    replyTo: addressesOf(email.replyTo),
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? '',
    headers,
    attachments: email.attachments.map(readAttachment),
  };
}

function readAttachment({ filename, mimeType, content, contentId }: Attachment): CapturedMail['attachments'][number] {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
  const isShown = contentId !== undefined && /^image\/(?:png|jpeg|gif)$/.test(mimeType);
  return {
    filename: filename ?? '',
    contentType: mimeType,
    bytes: bytes.length,
    ...(isShown && {
      picture: {
        src: `cid:${contentId.replace(/^<|>$/g, '')}`,
        data: `data:${mimeType};base64,${bytes.toString('base64')}`,
      },
    }),
  };
}

function addressesOf(list: readonly Address[] | undefined): string[] {
  return (list ?? []).flatMap(({ address, group }) => (address ? [address] : (group ?? []).map((one) => one.address)));
}

export function splitAddress(text: string): { name: string; address: string } {
  const [, name = '', inner] = /^\s*"?(.*?)"?\s*<([^<>]*)>\s*$/s.exec(text) ?? [];
  return inner === undefined ? { name: '', address: text.trim() } : { name, address: inner };
}

function checkMail(mail: CapturedMail): void {
  // AWS would take the recipients from the message then; nothing here sends mail that way.
  if (mail.to.length === 0) throw invalidParameter('The local SES sends to Destinations only.');
  if (mail.to.length > 50) throw invalidParameter('Recipient count exceeds 50.');
  for (const address of [mail.from, ...mail.to, ...mail.replyTo])
    if (!isAddress(address)) throw invalidParameter(`Illegal address: ${JSON.stringify(address)}`);
  if (/[\r\n]/.test(mail.fromName)) throw invalidParameter('Header values must not contain line breaks.');
  for (const text of Object.entries(mail.tags).flat())
    if (!/^[\w.@-]{1,256}$/.test(text)) throw invalidParameter(`Invalid tag name or value: ${JSON.stringify(text)}`);
}

/** Whether SES's mailbox simulator has the address. It is reached from the sandbox too. */
const isSimulator = (address: string) => address.toLowerCase().endsWith('@simulator.amazonses.com');

/** SES has one answer for an unverified sender and, in the sandbox, for an unverified recipient. */
function checkIdentities(mail: CapturedMail, { sandbox, identities }: MailAccount, region: string): void {
  const senders = [mail.from, mail.headers.from ?? ''];
  const recipients = sandbox ? mail.to.filter((address) => !isSimulator(address)) : [];
  const failed = [...senders, ...recipients].filter((address) => !identityOf(address, identities));
  if (failed.length > 0)
    throw new ServiceError(
      'MessageRejected',
      `Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${failed.join(', ')}`,
    );
}

function invalidParameter(message: string): ServiceError {
  return new ServiceError('InvalidParameterValue', message);
}

/** SES refuses characters outside ASCII before the @; the domain may be internationalised. */
function isAddress(address: string): boolean {
  const [, local = '', domain = ''] = /^([\x21-\x7e]+)@([^\s@]+)$/.exec(address) ?? [];
  return (
    local !== '' &&
    local.length <= 64 &&
    address.length <= 320 &&
    /^[^\s.<>()[\],;:\\"]+(\.[^\s.<>()[\],;:\\"]+)*$/.test(domain)
  );
}

/** The verified identity that covers an address: its address, else its domain or a parent domain. */
export function identityOf(from: string, verifiedIdentities: readonly string[]): string | undefined {
  const address = splitAddress(from).address.toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const covers = (identity: string) => domain === identity || domain.endsWith(`.${identity}`);
  return (
    verifiedIdentities.find((identity) => identity.toLowerCase() === address) ??
    verifiedIdentities.find((identity) => covers(identity.toLowerCase()))
  );
}
