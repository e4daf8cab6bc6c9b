import { expect, it } from 'vitest';
import { openSes, sesSender } from '../../lib/aws/ses.ts';
import { type Answer, failingService, useService } from '../support/failing-service.ts';

const mail = { raw: Buffer.from('Subject: x\r\n\r\nx'), from: 'a@b.example', to: 'c@d.example', tags: { mailId: 'm' } };

async function failingSes(...answers: Answer[]) {
  const service = await failingService(...answers);
  useService('AWS_ENDPOINT_URL_SES', service.url);
  return { ...service, send: () => sesSender('set', openSes(200)).send(mail) };
}

const failure = (status: number, code: string, message = 'x'): Answer => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});
const accepted: Answer = {
  status: 200,
  body: '<SendRawEmailResponse><SendRawEmailResult><MessageId>1</MessageId></SendRawEmailResult></SendRawEmailResponse>',
};

const refused = (reason: string) => ({ kind: 'refused', reason });
const notNow = (reason: string, account: boolean) => ({ kind: 'not-now', reason, account });
const unknown = (reason: string) => ({ kind: 'unknown', reason });

it.each<[number, string, object]>([
  [400, 'MessageRejected', refused('MessageRejected')],
  [400, 'InvalidParameterValue', refused('InvalidParameterValue')],
  [400, 'Throttling', notNow('Throttling', false)],
  [503, 'ServiceUnavailable', notNow('ServiceUnavailable', false)],
  [400, 'AccountSendingPausedException', notNow('AccountSendingPausedException', true)],
  [400, 'ConfigurationSetDoesNotExist', notNow('ConfigurationSetDoesNotExistException', true)],
  [400, 'ConfigurationSetSendingPausedException', notNow('ConfigurationSetSendingPausedException', true)],
  [400, 'MailFromDomainNotVerifiedException', notNow('MailFromDomainNotVerifiedException', true)],
  [403, 'AccessDenied', notNow('AccessDenied', true)],
  [403, 'InvalidClientTokenId', notNow('InvalidClientTokenId', true)],
  [403, 'ExpiredToken', notNow('ExpiredToken', true)],
  [403, 'SignatureDoesNotMatch', notNow('SignatureDoesNotMatch', true)],
  [500, 'InternalFailure', unknown('InternalFailure')],
])('SES is called once, and %i %s has the right result', async (status, code, result) => {
  await using ses = await failingSes(failure(status, code), accepted);
  expect(await ses.send()).toEqual(result);
  expect(ses.requests).toHaveLength(1);
});

it('an unverified sender or recipient is a fault of the account, and its address does not get into the reason', async () => {
  const message =
    'Email address is not verified. The following identities failed the check in region EU-WEST-1: c@d.example';
  await using ses = await failingSes(failure(400, 'MessageRejected', message));
  expect(await ses.send()).toEqual(notNow('IdentityNotVerified', true));
});

it.each<[string, Answer, object]>([
  ['breaks the connection', 'broken', unknown('ECONNRESET')],
  ['does not answer in time', 'silent', unknown('ETIMEDOUT')],
  ['answers without a message id', { status: 200, body: '<html></html>' }, unknown('NoMessageId')],
  ['answers without XML', { status: 200, body: '<' }, { kind: 'unknown' }],
  ['fails without XML', { status: 502, body: '<' }, { kind: 'unknown' }],
])('SES is called once, and the result is unknown when SES %s', async (_, answer, result) => {
  await using ses = await failingSes(answer, accepted);
  expect(await ses.send()).toMatchObject(result);
  expect(ses.requests).toHaveLength(1);
});

it('a refused connection means that SES did not get the mail', async () => {
  const ses = await failingSes();
  await ses[Symbol.asyncDispose]();
  expect(await ses.send()).toEqual(notNow('ECONNREFUSED', false));
});

it('each call opens a connection, because a kept one may be dead after the function was frozen', async () => {
  await using ses = await failingSes(accepted, accepted);
  const sender = sesSender('set', openSes(200));
  expect([await sender.send(mail), await sender.send(mail)]).toEqual(Array(2).fill({ kind: 'taken', messageId: '1' }));
  expect(ses.connections()).toBe(2);
});
