import type { Place } from '../assembly/template.ts';
import type { Attempt } from '../endpoint/policies.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import { listParameter, queryResponse, readQueryCall } from './query-protocol.ts';
import { identityOf, type MailBox, splitAddress } from './ses.ts';

export type MailCall = { action: string; attempts: Attempt[]; run(): Promise<string> };

/** Reads a call to SES version 1. @throws ServiceError for any operation but SendRawEmail */
export function readMailCall(body: string, mail: MailBox, place: Place, sender: string): MailCall {
  const { action, parameters } = readQueryCall(body);
  if (action !== 'SendRawEmail')
    throw new ServiceError('InvalidAction', `The local stack has no SES operation ${action || 'without a name'}.`);
  const identities = mail.identities();
  const source = splitAddress(parameters.get('Source') ?? '').address;
  const configurationSet = parameters.get('ConfigurationSetName');
  // In the sandbox, the permission is needed for the verified identities of the recipients too.
  const recipients = mail.inSandbox() ? listParameter(parameters, 'Destinations.*') : [];
  const resources = [
    `identity/${identityOf(source, identities) ?? source.slice(source.lastIndexOf('@') + 1)}`,
    ...recipients.flatMap((recipient) => identityOf(recipient, identities) ?? []).map((one) => `identity/${one}`),
    ...(configurationSet === null ? [] : [`configuration-set/${configurationSet}`]),
  ];
  return {
    action,
    attempts: resources.map((resource) => ({
      action: `ses:${action}`,
      resource: `arn:${place.partition}:ses:${place.region}:${place.account}:${resource}`,
      context: { 'ses:FromAddress': [source] },
    })),
    run: async () => queryResponse(action, { MessageId: await mail.send(parameters, sender) }),
  };
}
