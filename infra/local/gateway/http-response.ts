import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { JsonObject } from '../shared/json.ts';
import { asString, asStrings, isObject, parseJson } from '../shared/json.ts';

export type HttpResponse = { status: number; headers: Record<string, string>; cookies: string[]; body: Buffer };

/** Headers that the gateway sets itself. */
const gatewayHeaders = new Set(['content-length', 'connection', 'transfer-encoding', 'keep-alive', 'date', 'upgrade']);

/**
 * Reads the result of a function (payload format 2.0). A result without `statusCode` is the JSON body of a 200.
 *
 * @returns undefined for a result that API Gateway refuses, which the client sees as a 500
 */
export function readIntegrationResult(result: string): HttpResponse | undefined {
  const value = parseJson(result);
  if (value === undefined) return undefined;
  if (!isObject(value) || value.statusCode === undefined) {
    const body = typeof value === 'string' ? value : result;
    return { status: 200, headers: { 'content-type': 'application/json' }, cookies: [], body: Buffer.from(body) };
  }
  const status = Number(value.statusCode);
  const headers = readHeaders(value.headers);
  const body = readBody(value);
  if (!Number.isInteger(status) || status < 200 || status > 599 || headers === undefined || body === undefined)
    return undefined;
  if (body.length > 0 && headers['content-type'] === undefined) headers['content-type'] = 'text/plain;charset=UTF-8';
  return { status, headers, cookies: asStrings(value.cookies), body };
}

function readHeaders(raw: JsonObject[string]): Record<string, string> | undefined {
  if (raw === undefined || raw === null) return {};
  if (!isObject(raw)) return undefined;
  const headers: Record<string, string> = {};
  for (const [given, value] of Object.entries(raw)) {
    const name = given.toLowerCase();
    const text = asString(value);
    if (text === undefined || !isHeader(name, text)) return undefined;
    if (!gatewayHeaders.has(name)) headers[name] = text;
  }
  return headers;
}

function isHeader(name: string, value: string): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}

function readBody(value: JsonObject): Buffer | undefined {
  if (value.body === undefined || value.body === null) return Buffer.alloc(0);
  const text = asString(value.body);
  if (text === undefined) return undefined;
  return Buffer.from(text, value.isBase64Encoded === true ? 'base64' : 'utf8');
}

/** A response of the gateway itself. */
export function gatewayMessage(status: number, message: string): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/** Whether a path can be decoded to text, as API Gateway requires before it looks for a route. */
export function isDecodable(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes('\0');
  } catch {
    return false;
  }
}
