import type { Place } from '../assembly/template.ts';
import type { Attempt } from '../endpoint/policies.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import { queryResponse, readQueryCall } from './query-protocol.ts';
import { identityOf, type MailBox } from './ses.ts';

export type MailCall = { action: string; attempts: Attempt[]; run(): Promise<string> };

/** Reads a call to SES version 1. @throws ServiceError for any operation but SendRawEmail */
export function readMailCall(
  body: string,
  mail: MailBox,
  identities: readonly string[],
  place: Place,
  sender: string,
): MailCall {
  const { action, parameters } = readQueryCall(body);
  if (action !== 'SendRawEmail')
    throw new ServiceError('InvalidAction', `The local stack has no SES operation ${action || 'without a name'}.`);
  const source = parameters.get('Source') ?? '';
  const configurationSet = parameters.get('ConfigurationSetName');
  const resources = [
    `identity/${identityOf(source, identities) ?? source.slice(source.lastIndexOf('@') + 1).replace(/>.*$/, '')}`,
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
