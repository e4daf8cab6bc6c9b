import { fromEnv } from '@aws-sdk/credential-provider-env';
import { S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import type { Source } from '../shared/source.ts';
import { env } from './env.ts';
import { Sha256 } from './sha256.ts';

export interface LocationRequest {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  /** Of letters, digits and `-_/` only: nothing here encodes a path. Empty for the bucket itself. */
  key: string;
  query?: Readonly<Record<string, string>>;
  /** Whoever goes there must send exactly these. */
  headers?: Readonly<Record<string, string>>;
  /** How long the location is good. */
  seconds: number;
}

export interface Location {
  url: string;
  expiresAt: Date;
}

/** Makes a location of the bucket that whoever has it may use, for one method, key, query and set of headers. */
export type Locate = (request: LocationRequest) => Promise<Location>;

/**
 * Signs with the function's own credentials, so a location can do what the function may. Not with the client of the SDK:
 * it would be 160 KB of every operation that S3 has.
 */
export function bucketLocations(bucket: string, source: Source): Locate {
  const signer = new S3RequestPresigner({ region: env('AWS_REGION'), credentials: fromEnv(), sha256: Sha256 });
  return async ({ method, key, query = {}, headers = {}, seconds }) => {
    const { protocol, hostname, port, path } = addressOf(bucket);
    // A signature knows whole seconds.
    const signingDate = new Date(Math.floor(source.now().getTime() / 1000) * 1000);
    const names = new Set(Object.keys(headers));
    const signed = await signer.presign(
      {
        method,
        protocol,
        hostname,
        ...(port && { port }),
        path: `${path}/${key}`,
        query: { ...query },
        headers: { ...headers },
      },
      {
        signingDate,
        expiresIn: seconds,
        // The signer leaves content-type out unless it is named, and moves x-amz- headers into the query, where they bind nobody.
        signableHeaders: new Set(['host', ...names]),
        unhoistableHeaders: names,
      },
    );
    return {
      url: `${protocol}//${hostname}${port ? `:${port}` : ''}${path}/${key}?${queryOf(signed.query ?? {})}`,
      expiresAt: new Date(signingDate.getTime() + seconds * 1000),
    };
  };
}

/** Where the bucket is: as the SDK does, at the address that the environment names, else in the region. */
function addressOf(bucket: string) {
  const elsewhere = process.env.AWS_ENDPOINT_URL_S3 || process.env.AWS_ENDPOINT_URL;
  if (!elsewhere)
    return {
      protocol: 'https:',
      hostname: `${bucket}.s3.${env('AWS_REGION')}.amazonaws.com`,
      port: undefined,
      path: '',
    };
  const { protocol, hostname, port } = new URL(elsewhere);
  return { protocol, hostname, port: port === '' ? undefined : Number(port), path: `/${bucket}` };
}

function queryOf(query: Readonly<Record<string, string | string[] | null>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encoded(name)}=${encoded(String(value ?? ''))}`)
    .join('&');
}

/** RFC 3986, as the signature is made of it: `encodeURIComponent` leaves five characters more. */
export function encoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
