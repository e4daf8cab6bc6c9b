import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import PostalMime, { type Address, type Email } from 'postal-mime';
import { ServiceError } from '../secrets/secrets.ts';
import { appendDurably, readJsonLines, writeAtomically } from '../shared/files.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asNumber, asObject, asString, asStrings } from '../shared/json.ts';
import type { CapturedMail, ConfigurationSetModel } from './captured-mail.ts';
import { type PublishedEvent, sesEvents } from './events.ts';

/** How a call is to go wrong. */
export type MailFault = {
  /** The name of the error that SES answers with; none where it only takes its time. */
  error?: string | undefined;
  status: number;
  /** Milliseconds before anything happens. */
  delay: number;
  /** SES has taken the mail all the same. */
  taken: boolean;
  /** And tells nobody of it. */
  silent: boolean;
};

export type MailBox = {
  /** Takes a SendEmail call of the SES v2 API and answers its message id. Throws ServiceError. */
  send(body: JsonObject, sender: string): Promise<JsonObject>;
  /** Oldest first. With `to`, only what went to that address. */
  list(to?: string): CapturedMail[];
  clear(): void;
  /** Has the next calls go wrong, one after the other, in the place of what was asked for before. */
  fail(faults: readonly MailFault[]): void;
};

/** A fault as it is asked for under `/_local`. */
export function mailFault(given: Json): MailFault {
  const { error, status, delay, taken, silent } = asObject(given);
  return {
    error: asString(error),
    status: asNumber(status) ?? 400,
    delay: asNumber(delay) ?? 0,
    taken: taken === true,
    silent: silent === true,
  };
}

/** Catches mail instead of sending it. Every accepted mail is on disk before the sender hears of it. */
export function openMailBox(
  file: string,
  verifiedIdentities: readonly string[],
  sets: readonly ConfigurationSetModel[] = [],
  publish: (event: PublishedEvent) => void = () => undefined,
): MailBox {
  let mails = readJsonLines(file) as CapturedMail[];
  let faults: MailFault[] = [];

  function take(mail: CapturedMail, silent: boolean): void {
    mails.push(mail);
    appendDurably(file, JSON.stringify(mail));
    const set = sets.find(({ name }) => name === mail.configurationSet);
    if (set !== undefined && !silent) for (const event of sesEvents(mail, set)) publish(event);
  }

  return {
    async send(body, sender) {
      const mail = await readMail(body, sender);
      checkMail(mail, verifiedIdentities);
      if (mail.configurationSet !== null && sets.length > 0 && !sets.some(({ name }) => name === mail.configurationSet))
        throw new ServiceError(
          'NotFoundException',
          `Configuration set <${mail.configurationSet}> does not exist.`,
          404,
        );
      const fault = faults.shift();
      if (fault !== undefined && fault.delay > 0) await setTimeout(fault.delay);
      if (fault?.error === undefined || fault.taken) take(mail, fault?.silent ?? false);
      if (fault?.error !== undefined) throw new ServiceError(fault.error, 'Asked for under /_local.', fault.status);
      return { MessageId: mail.id };
    },
    fail(next) {
      faults = [...next];
    },
    list(to) {
      const wanted = to?.toLowerCase();
      const received = ({ to: direct, cc, bcc }: CapturedMail) =>
        [...direct, ...cc, ...bcc].some((one) => one.toLowerCase() === wanted);
      return wanted === undefined ? mails : mails.filter(received);
    },
    clear() {
      mails = [];
      writeAtomically(file, '', { durable: true });
    },
  };
}

async function readMail(body: JsonObject, sender: string): Promise<CapturedMail> {
  const content = asObject(body.Content);
  const destination = asObject(body.Destination);
  const listed = (key: string) => asStrings(destination[key]);
  const envelope = { to: listed('ToAddresses'), cc: listed('CcAddresses'), bcc: listed('BccAddresses') };
  const common = {
    id: `${Date.now().toString(16)}-${randomUUID()}`,
    time: new Date().toISOString(),
    function: sender,
    configurationSet: asString(body.ConfigurationSetName) ?? null,
    tags: Object.fromEntries(
      asList(body.EmailTags).map((tag) => [asString(asObject(tag).Name), asString(asObject(tag).Value)]),
    ),
  };
  if (content.Raw !== undefined) {
    const raw = Buffer.from(asString(asObject(content.Raw).Data) ?? '', 'base64');
    if (raw.length === 0) throw new ServiceError('BadRequestException', 'Raw message data must not be empty.');
    return { ...common, ...rawMail(await PostalMime.parse(raw), asString(body.FromEmailAddress), envelope) };
  }
  if (content.Simple === undefined)
    throw new ServiceError('BadRequestException', 'The local stack sends Raw and Simple content only.');
  return { ...common, ...simpleMail(asObject(content.Simple), body, envelope) };
}

type Envelope = { to: string[]; cc: string[]; bcc: string[] };
type Written = Omit<CapturedMail, 'id' | 'time' | 'function' | 'configurationSet' | 'tags'>;

function rawMail(email: Email, fromParameter: string | undefined, envelope: Envelope): Written {
  const addresses = (list: readonly Address[] | undefined) =>
    (list ?? []).flatMap((entry) => (entry.address ? [entry.address] : (entry.group ?? []).map((one) => one.address)));
  const from = fromParameter === undefined ? undefined : splitAddress(fromParameter);
  const headers: Record<string, string> = {};
  for (const { key, value } of email.headers) headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  // With a Destination SES delivers to it alone; otherwise to those whom the message names.
  const explicit = envelope.to.length + envelope.cc.length + envelope.bcc.length > 0;
  const named = { to: addresses(email.to), cc: addresses(email.cc), bcc: addresses(email.bcc) };
  const { to, cc, bcc } = explicit ? envelope : named;
  return {
    from: from?.address ?? email.from?.address ?? '',
    fromName: from?.name || (email.from?.name ?? ''),
    to: to.map(bareAddress),
    cc: cc.map(bareAddress),
    bcc: bcc.map(bareAddress),
    replyTo: addresses(email.replyTo),
    subject: email.subject ?? '',
    text: email.text ?? '',
    html: email.html ?? '',
    headers,
    attachments: email.attachments.map(({ filename, mimeType, content }) => ({
      filename: filename ?? '',
      contentType: mimeType,
      bytes: typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength,
    })),
  };
}

function simpleMail(simple: JsonObject, body: JsonObject, envelope: Envelope): Written {
  const data = (part: Json | undefined) => asString(asObject(part).Data) ?? '';
  const from = splitAddress(asString(body.FromEmailAddress) ?? '');
  const custom = asList(simple.Headers).map((header) => [
    asString(asObject(header).Name)?.toLowerCase(),
    asString(asObject(header).Value),
  ]);
  return {
    from: from.address,
    fromName: from.name,
    to: envelope.to.map(checkedAddress),
    cc: envelope.cc.map(checkedAddress),
    bcc: envelope.bcc.map(checkedAddress),
    replyTo: asStrings(body.ReplyToAddresses).map(checkedAddress),
    subject: data(simple.Subject),
    text: data(asObject(simple.Body).Text),
    html: data(asObject(simple.Body).Html),
    headers: {
      from: asString(body.FromEmailAddress) ?? '',
      to: envelope.to.join(', '),
      subject: data(simple.Subject),
      ...Object.fromEntries(custom),
    },
    attachments: asList(simple.Attachments).map((attachment) => ({
      filename: asString(asObject(attachment).FileName) ?? '',
      contentType: asString(asObject(attachment).ContentType) ?? 'application/octet-stream',
      bytes: Buffer.byteLength(asString(asObject(attachment).RawContent) ?? '', 'base64'),
    })),
  };
}

function splitAddress(text: string): { name: string; address: string } {
  const [, name = '', inner] = /^\s*"?(.*?)"?\s*<([^<>]*)>\s*$/s.exec(text) ?? [];
  return inner === undefined ? { name: '', address: text.trim() } : { name, address: inner };
}

function bareAddress(text: string): string {
  return splitAddress(text).address;
}

/** As `bareAddress`, but a line break anywhere in it, the way to smuggle headers in, is refused. */
function checkedAddress(text: string): string {
  if (/[\r\n]/.test(text)) throw new ServiceError('BadRequestException', 'Illegal address');
  return bareAddress(text);
}

function checkMail(mail: CapturedMail, verifiedIdentities: readonly string[]): void {
  const recipients = [...mail.to, ...mail.cc, ...mail.bcc];
  if (recipients.length === 0) throw new ServiceError('BadRequestException', 'The message has no recipients.');
  if (recipients.length > 50) throw new ServiceError('BadRequestException', 'Recipient count exceeds 50.');
  for (const address of [mail.from, ...recipients, ...mail.replyTo]) {
    if (!isAddress(address))
      throw new ServiceError('BadRequestException', `Illegal address: ${JSON.stringify(address)}`);
  }
  if (/[\r\n]/.test(mail.subject) || /[\r\n]/.test(mail.fromName)) {
    throw new ServiceError('BadRequestException', 'Header values must not contain line breaks.');
  }
  if (verifiedIdentities.length > 0 && identityOf(mail.from, verifiedIdentities) === undefined) {
    throw new ServiceError(
      'MessageRejected',
      `Email address is not verified. The following identities failed the check: ${mail.from}`,
    );
  }
}

function isAddress(address: string): boolean {
  // SES refuses what is not ASCII before the @; what follows may be an internationalised domain.
  const [, local = '', domain = ''] = /^([\x21-\x7e]+)@([^\s@]+)$/.exec(address) ?? [];
  return (
    local !== '' &&
    local.length <= 64 &&
    address.length <= 320 &&
    /^[^\s.<>()[\],;:\\"]+(\.[^\s.<>()[\],;:\\"]+)*$/.test(domain)
  );
}

/** The verified identity, address before domain, on whose behalf a mail is sent. */
export function identityOf(from: string, verifiedIdentities: readonly string[]): string | undefined {
  const address = bareAddress(from).toLowerCase();
  const domain = address.slice(address.lastIndexOf('@') + 1);
  const lowered = verifiedIdentities.map((identity) => identity.toLowerCase());
  return (
    verifiedIdentities[lowered.indexOf(address)] ??
    verifiedIdentities.find(
      (identity) => domain === identity.toLowerCase() || domain.endsWith(`.${identity.toLowerCase()}`),
    )
  );
}
