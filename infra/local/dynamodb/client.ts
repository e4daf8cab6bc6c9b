import { Agent, request } from 'node:http';
import type { JsonObject } from '../shared/json.ts';
import { asObject, asString, parseJson } from '../shared/json.ts';

/** An error response of the database. */
export class DynamoDbError extends Error {
  override readonly name: string;
  readonly status: number;

  constructor(status: number, body: JsonObject) {
    super(asString(body.message) ?? asString(body.Message) ?? `status ${status}`);
    this.status = status;
    this.name = (asString(body.__type) ?? 'UnknownError').replace(/^.*#/, '');
  }
}

/** The region of calls to the engine, whatever the region of the stack. */
export const engineRegion = 'eu-west-1';

/** The headers of a call to the engine. Local engines require credentials and accept any; DynamoDB Local has a database for each. */
function engineHeaders(accessKey: string, target: string, length: number): Record<string, string> {
  return {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': String(length),
    'x-amz-target': target,
    'x-amz-date': '20260101T000000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKey}/20260101/${engineRegion}/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=local`,
  };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/**
 * Calls DynamoDB or its streams in the wire format, which is also the format of the records that Lambda passes on.
 *
 * @param target the operation, such as `DynamoDB_20120810.CreateTable`
 * @throws DynamoDbError for any status but 200
 */
export async function callDynamoDb(endpoint: string, target: string, body: JsonObject): Promise<JsonObject> {
  const { status, text } = await post(endpoint, target, JSON.stringify(body));
  const answer = asObject(parseJson(text));
  if (status !== 200) throw new DynamoDbError(status, answer);
  return answer;
}

async function post(endpoint: string, target: string, body: string): Promise<{ status: number; text: string }> {
  const { status, body: answer } = await forwardToEngine(endpoint, target, Buffer.from(body));
  return { status, text: answer.toString('utf8') };
}

/**
 * Forwards a request body to the engine and returns its response unchanged.
 *
 * @param endpoint the engine's address, with an access key as user name if it matters to the engine
 */
export async function forwardToEngine(
  endpoint: string,
  target: string,
  body: Buffer,
): Promise<{ status: number; body: Buffer }> {
  const url = new URL(endpoint);
  return await new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: 'POST', agent, headers: engineHeaders(url.username || 'local', target, body.length) },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
