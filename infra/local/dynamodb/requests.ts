import type { Place } from '../assembly/template.ts';
import type { Attempt } from '../endpoint/policies.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asObject, asString, asStrings, isObject } from '../shared/json.ts';

export type DynamoDbRequest = { attempts: Attempt[]; table: string | undefined; index: string | undefined };

/** Hash key attribute of each table and index: `keyOf(table)` or `keyOf(table, index)`. */
export type KeyNames = (table: string, index?: string) => string | undefined;

/** The operations inside a transaction, and the IAM action of each. */
const transactionActions: Record<string, string> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

/** The permissions that a DynamoDB call needs, with the leading keys for fine-grained policies. */
export function readDynamoDbRequest(action: string, body: JsonObject, place: Place, keyOf: KeyNames): DynamoDbRequest {
  const attempt = (name: string, table: string, index: string | undefined, keys: string[]): Attempt => ({
    action: `dynamodb:${name}`,
    resource: `${tableArn(place, table)}${index === undefined ? '' : `/index/${index}`}`,
    context: { 'dynamodb:LeadingKeys': keys },
  });
  if (action === 'TransactWriteItems' || action === 'TransactGetItems') {
    const attempts = asList(body.TransactItems).flatMap((item) =>
      Object.entries(asObject(item)).map(([kind, raw]) => {
        const request = asObject(raw);
        const table = tableName(request.TableName);
        return attempt(
          transactionActions[kind] ?? kind,
          table,
          undefined,
          leadingKey(request.Key ?? request.Item, keyOf(table)),
        );
      }),
    );
    return { attempts: distinct(attempts), table: tableName(attemptTable(body)), index: undefined };
  }
  if (action === 'BatchGetItem' || action === 'BatchWriteItem') {
    const requests = Object.entries(asObject(body.RequestItems));
    const attempts = requests.map(([named, raw]) => {
      const table = tableName(named);
      return attempt(
        action,
        table,
        undefined,
        batchKeys(raw).flatMap((key) => leadingKey(key, keyOf(table))),
      );
    });
    return { attempts, table: tableName(requests[0]?.[0]), index: undefined };
  }
  const table = tableName(body.TableName);
  const index = asString(body.IndexName);
  const keys =
    action === 'Query' ? queryKey(body, keyOf(table, index)) : leadingKey(body.Key ?? body.Item, keyOf(table));
  return { attempts: [attempt(action, table, index, keys)], table, index };
}

/** A table's ARN in the template; the engine's own is different. */
function tableArn(place: Place, table: string): string {
  return `arn:${place.partition}:dynamodb:${place.region}:${place.account}:table/${table}`;
}

function tableName(value: Json | undefined): string {
  // Since 2023 a table may also be named by its ARN.
  return (asString(value) ?? '').replace(/^arn:[^/]*:table\//, '');
}

function attemptTable(body: JsonObject): Json | undefined {
  const [first] = asList(body.TransactItems).map(asObject);
  return asObject(Object.values(first ?? {})[0]).TableName;
}

function batchKeys(raw: Json | undefined): Json[] {
  if (isObject(raw)) return asList(raw.Keys);
  return asList(raw).map(
    (write) => asObject(asObject(write).PutRequest).Item ?? asObject(asObject(write).DeleteRequest).Key ?? null,
  );
}

function leadingKey(item: Json | undefined, keyName: string | undefined): string[] {
  const value = keyName === undefined ? undefined : asObject(asObject(item)[keyName]);
  return asStrings(value?.S ?? value?.N ?? value?.B);
}

/** The partition key that a Query names, read from `#name = :value` in its key condition. */
function queryKey(body: JsonObject, keyName: string | undefined): string[] {
  const names = asObject(body.ExpressionAttributeNames);
  const values = asObject(body.ExpressionAttributeValues);
  for (const [, left = '', right = ''] of (asString(body.KeyConditionExpression) ?? '').matchAll(
    /([#\w.]+)\s*=\s*(:\w+)/g,
  )) {
    if ((asString(names[left]) ?? left) === keyName) return leadingKey({ key: values[right] }, 'key');
  }
  return [];
}

/** The items of a transaction often need the same permission. */
function distinct(attempts: readonly Attempt[]): Attempt[] {
  const leadingKeys = ({ context }: Attempt) => context?.['dynamodb:LeadingKeys']?.join(' ');
  const name = (attempt: Attempt) => `${attempt.action} ${attempt.resource} ${leadingKeys(attempt)}`;
  return [...new Map(attempts.map((attempt) => [name(attempt), attempt])).values()];
}
