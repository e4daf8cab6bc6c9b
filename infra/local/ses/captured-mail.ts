/** A mail as a mailbox would show it. */
export type CapturedMail = {
  id: string;
  time: string;
  /** The function that sent it. */
  function: string;
  from: string;
  fromName: string;
  to: string[];
  cc: string[];
  bcc: string[];
  replyTo: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  attachments: { filename: string; contentType: string; bytes: number }[];
  configurationSet: string | null;
  tags: Record<string, string>;
};

/** What a configuration set tells the event bus: the names that SES has for the events. */
export type ConfigurationSetModel = { name: string; arn: string; events: readonly string[] };
