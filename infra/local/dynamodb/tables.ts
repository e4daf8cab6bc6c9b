import { createTableParameters } from '../assembly/assembly.ts';
import type { Json, JsonObject } from '../shared/json.ts';
import { asList, asObject, asString, isObject } from '../shared/json.ts';
import { messageOf, StartProblem } from '../shared/problem.ts';
import { callDynamoDb, DynamoDbError } from './client.ts';

/**
 * Creates a table from a template's resource, with its indexes and stream, unless it exists.
 *
 * @param tableResource the resource's `Properties`, or the whole resource
 * @throws StartProblem when a table of this name has other keys or indexes
 */
export async function createTable(endpoint: string, tableResource: JsonObject, name: string): Promise<void> {
  const properties = isObject(tableResource.Properties) ? tableResource.Properties : tableResource;
  await ensureTable(endpoint, createTableParameters(properties, name));
}

/** Makes sure that a table exists with these keys, indexes and stream. Expired items are deleted by the stack, not by the engine. */
export async function ensureTable(endpoint: string, definition: JsonObject): Promise<void> {
  const existing = await describeTable(endpoint, definition.TableName);
  if (existing !== undefined) {
    if (shapeOf(existing) !== shapeOf(definition)) {
      throw new StartProblem(
        `The table ${asString(definition.TableName)} of the data folder has other keys or indexes than the template; start with --fresh to begin anew.`,
      );
    }
    return;
  }
  await callDynamoDb(endpoint, 'DynamoDB_20120810.CreateTable', definition);
}

async function describeTable(endpoint: string, tableName: Json | undefined): Promise<JsonObject | undefined> {
  try {
    const answer = await callDynamoDb(endpoint, 'DynamoDB_20120810.DescribeTable', { TableName: tableName });
    return asObject(answer.Table);
  } catch (error) {
    if (error instanceof DynamoDbError && error.name === 'ResourceNotFoundException') return undefined;
    throw new StartProblem(
      `The database cannot be read: ${messageOf(error)}. Start with --fresh if its file is damaged.`,
    );
  }
}

/** Keys, indexes and stream in a form that can be compared. */
function shapeOf(table: JsonObject): string {
  const keys = (schema: Json | undefined) =>
    asList(schema)
      .map((key) => `${asObject(key).KeyType}:${asObject(key).AttributeName}`)
      .sort();
  const types = asList(table.AttributeDefinitions)
    .map((a) => `${asObject(a).AttributeName}:${asObject(a).AttributeType}`)
    .sort();
  const indexes = asList(table.GlobalSecondaryIndexes).map((index) => {
    const projection = asObject(asObject(index).Projection);
    return [
      asObject(index).IndexName,
      keys(asObject(index).KeySchema),
      projection.ProjectionType,
      asList(projection.NonKeyAttributes).sort(),
    ];
  });
  const stream = asObject(table.StreamSpecification).StreamViewType ?? null;
  return JSON.stringify([keys(table.KeySchema), types, indexes.map((index) => JSON.stringify(index)).sort(), stream]);
}
