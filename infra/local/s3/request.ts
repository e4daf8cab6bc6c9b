import type { IncomingMessage } from 'node:http';
import { S3Error } from './error.ts';

/** A request as S3 reads it, before authentication. */
export type S3Request = {
  method: string;
  /** Decoded, with its leading slash. */
  path: string;
  bucket: string;
  /** Empty for the bucket itself. */
  key: string;
  /** Decoded; the values of a repeated name are a list. */
  query: Readonly<Record<string, string | string[]>>;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
};

const maximumKeyBytes = 1024;

/**
 * Reads the request line and the headers. Addresses are path-style, `/<bucket>/<key>`: the SDK chooses it for an IP address.
 *
 * @throws S3Error for a path or query that cannot be decoded
 */
export function readS3Request(request: IncomingMessage): S3Request {
  const target = (request.url ?? '/').replace(/^https?:\/\/[^/?#]*/i, '');
  const at = target.indexOf('?');
  const path = decode(at < 0 ? target : target.slice(0, at)) || '/';
  const slash = path.indexOf('/', 1);
  const key = slash < 0 ? '' : path.slice(slash + 1);
  if (Buffer.byteLength(key) > maximumKeyBytes) throw new S3Error(400, 'KeyTooLongError', 'Your key is too long');
  return {
    method: request.method ?? 'GET',
    path,
    bucket: slash < 0 ? path.slice(1) : path.slice(1, slash),
    key,
    query: at < 0 ? {} : readQuery(target.slice(at + 1)),
    headers: Object.fromEntries(
      Object.entries(request.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.join(',') : value]],
      ),
    ),
  };
}

/** The first value of a query parameter. */
export function parameter(request: S3Request, name: string): string | undefined {
  const value = request.query[name];
  return Array.isArray(value) ? value[0] : value;
}

function readQuery(text: string): Record<string, string | string[]> {
  const query = new Map<string, string[]>();
  for (const pair of text.split('&').filter((one) => one !== '')) {
    const at = pair.indexOf('=');
    const name = decode((at < 0 ? pair : pair.slice(0, at)).replaceAll('+', ' '));
    const value = at < 0 ? '' : decode(pair.slice(at + 1).replaceAll('+', ' '));
    query.set(name, [...(query.get(name) ?? []), value]);
  }
  return Object.fromEntries(
    [...query].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? '') : values]),
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.");
  }
}
