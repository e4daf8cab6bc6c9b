import { randomUUID } from 'node:crypto';
import { escapeXml } from '../shared/xml.ts';

/** A call of the AWS query protocol, which SES version 1 speaks: form-encoded requests, XML responses. */
export type QueryCall = { action: string; parameters: URLSearchParams };

const namespace = 'http://ses.amazonaws.com/doc/2010-12-01/';

export function readQueryCall(body: string): QueryCall {
  const parameters = new URLSearchParams(body);
  return { action: parameters.get('Action') ?? '', parameters };
}

/** The values of a list, which the protocol numbers from 1. `Destinations.*` stands for `Destinations.member.1`, `Destinations.member.2` … */
export function listParameter(parameters: URLSearchParams, name: string): string[] {
  const values: string[] = [];
  for (let value = member(1); value !== null; value = member(values.length + 1)) values.push(value);
  return values;

  function member(number: number): string | null {
    return parameters.get(name.replace('*', `member.${number}`));
  }
}

export function queryResponse(action: string, result: Readonly<Record<string, string>>): string {
  const elements = Object.entries(result).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return (
    `<${action}Response xmlns="${namespace}"><${action}Result>${elements.join('')}</${action}Result>` +
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`
  );
}

/** The fault is the sender's below status 500, the receiver's from there on. */
export function queryError(code: string, message: string, status: number): string {
  const type = status < 500 ? 'Sender' : 'Receiver';
  return (
    `<ErrorResponse xmlns="${namespace}"><Error><Type>${type}</Type><Code>${escapeXml(code)}</Code>` +
    `<Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`
  );
}
