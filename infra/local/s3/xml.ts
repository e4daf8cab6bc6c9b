import { escapeXml } from '../shared/xml.ts';
import type { S3Error } from './error.ts';

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A document of S3 with the given root and elements. */
export function xmlDocument(root: string, elements: readonly string[]): string {
  return `${declaration}<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${elements.join('')}</${root}>`;
}

export function xmlError({ code, message }: S3Error, resource: string, requestId: string): string {
  const content = Object.entries({ Code: code, Message: message, Resource: resource, RequestId: requestId })
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join('');
  return `${declaration}<Error>${content}</Error>`;
}
