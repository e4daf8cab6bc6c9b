import { fromEnv } from '@aws-sdk/credential-provider-env';
import { SignatureV4 } from '@smithy/signature-v4';
import { env } from './env.ts';
import { Sha256 } from './sha256.ts';

export interface AwsRequest {
  path: string;
  headers: Readonly<Record<string, string>>;
  body: object;
  /** How long the answer may take. */
  milliseconds: number;
}

export interface AwsAnswer {
  status: number;
  /** The name of the error, where it is one. */
  error: string | undefined;
  body: Readonly<Record<string, unknown>>;
}

/** Asks a service once. @throws where no answer comes: what `fetch` throws, a TimeoutError where it takes too long */
export type AwsCall = (request: AwsRequest) => Promise<AwsAnswer>;

interface Service {
  /** As it is signed, and as it stands in its address. */
  signedAs: string;
  host: string;
  /** The variable that names another address, as for the SDK. */
  endpointVariable: string;
}

interface Caller {
  endpoint: string;
  region: string;
  credentials: ConstructorParameters<typeof SignatureV4>[0]['credentials'];
}

/**
 * One signed POST to a service, with the function's own credentials: for services of which one operation is used, as the
 * client of the SDK would be up to 70 KB of all others.
 */
export function awsCall({ signedAs, host, endpointVariable }: Service, caller: Partial<Caller> = {}): AwsCall {
  const region = caller.region ?? env('AWS_REGION');
  const elsewhere = caller.endpoint || process.env[endpointVariable] || process.env.AWS_ENDPOINT_URL;
  const { protocol, hostname, port, origin } = new URL(elsewhere || `https://${host}.${region}.amazonaws.com`);
  const signer = new SignatureV4({
    service: signedAs,
    region,
    credentials: caller.credentials ?? fromEnv(),
    sha256: Sha256,
  });
  return async ({ path, headers, body, milliseconds }) => {
    const text = JSON.stringify(body);
    const signed = await signer.sign({
      method: 'POST',
      protocol,
      hostname,
      path,
      headers: { host: port === '' ? hostname : `${hostname}:${port}`, ...headers },
      body: text,
    });
    const { host: _host, ...sent } = signed.headers;
    const answer = await fetch(`${origin}${path}`, {
      method: 'POST',
      // A connection that was kept while the function was frozen is dead, and what is sent on it of an unknown fate.
      headers: { ...sent, connection: 'close' },
      body: text,
      signal: AbortSignal.timeout(milliseconds),
      redirect: 'error',
    });
    return answerOf(answer.status, answer.headers.get('x-amzn-errortype'), await answer.text());
  };
}

function answerOf(status: number, errorType: string | null, text: string): AwsAnswer {
  const body = objectIn(text);
  if (status < 300) return { status, error: undefined, body };
  // As `MessageRejected:http://…` in the header, `com.amazonaws.sqs#QueueDoesNotExist` or `__type` in the body.
  const written = String(errorType ?? body.__type ?? body.code ?? 'Error');
  const [name = ''] = (written.split('#').at(-1) ?? '').split(':');
  return { status, error: name, body };
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
