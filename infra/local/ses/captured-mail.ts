/** A mail that SES accepted, as a mailbox would show it. */
export type CapturedMail = {
  id: string;
  time: string;
  /** The function that sent it. */
  function: string;
  from: string;
  fromName: string;
  /** The recipients of the call, whatever the headers of the message name. */
  to: string[];
  replyTo: string[];
  subject: string;
  text: string;
  html: string;
  headers: Record<string, string>;
  /** A picture that the HTML shows has the address that it is shown from, and its bytes as a data URI. */
  attachments: { filename: string; contentType: string; bytes: number; picture?: { src: string; data: string } }[];
  configurationSet: string | null;
  tags: Record<string, string>;
};

/** A configuration set and the types of the events that it publishes to the event bus, such as `DELIVERY`. */
export type ConfigurationSetModel = { name: string; arn: string; events: readonly string[] };
