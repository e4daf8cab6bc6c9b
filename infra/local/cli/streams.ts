import type { Assembly, TableModel } from '../assembly/assembly.ts';
import type { StreamMappingModel } from '../assembly/events.ts';
import type { DynamoDb } from '../dynamodb/engine.ts';
import { createExpiry, type ExpiryService } from '../dynamodb/expiry.ts';
import { type ExpiryIndexes, openExpiryIndexes } from '../dynamodb/expiry-index.ts';
import { type StreamPump, startStreamPump } from '../dynamodb/stream-pump.ts';
import { findStream, furthestBehind } from '../dynamodb/stream-reader.ts';
import { startTrimming } from '../dynamodb/stream-trimming.ts';
import { openTableStream, type TableStream } from '../dynamodb/table-stream.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import { asList, asObject, asString } from '../shared/json.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import type { DataFolder } from './data-folder.ts';

export type StreamSettings = {
  model: Assembly;
  dynamoDb: DynamoDb;
  data: DataFolder;
  deadLetters: DeadLetters;
  /** The time by which items expire, in epoch milliseconds. */
  now: () => number;
  log(line: string): void;
};

export type Streams = {
  pumps: StreamPump[];
  /** Delivers the streams to the functions, and deletes expired items from now on. */
  start(functions: ReadonlyMap<string, LambdaFunction>): void;
  /** Says that a table was written to. */
  wake(): void;
  /** Deletes all items that have expired by now, among them what was written before this call. */
  expireNow(): Promise<void>;
  stop(): Promise<void>;
};

type OpenTable = { model: TableModel; stream: TableStream; expiry: ExpiryService | undefined; pumps: StreamPump[] };

/** Opens the streams of the tables: of each table one reader, its event source mappings, and its expiry. */
export async function openStreams(settings: StreamSettings): Promise<Streams> {
  const { model, dynamoDb, data, deadLetters, log } = settings;
  const indexes = openExpiryIndexes(data.file('expiry.db'));
  const open = async (table: TableModel) => await openTable(settings, indexes, table);
  const tables = (await Promise.all(model.tables.map(open))).flat();
  const pumps: StreamPump[] = [];
  let stopTrimming: (() => Promise<void>) | undefined;
  let stopping: Promise<void> | undefined;

  function startPump(mapping: StreamMappingModel, target: LambdaFunction): void {
    const table = tables.find(({ model: { name } }) => name === mapping.tableName);
    if (table === undefined) return;
    const checkpointFile = data.file('streams', `${mapping.id}.json`);
    const pump = startStreamPump({ mapping, target, stream: table.stream, checkpointFile, deadLetters, log });
    table.pumps.push(pump);
    pumps.push(pump);
  }

  async function stop(): Promise<void> {
    await stopTrimming?.();
    await Promise.all(pumps.map((pump) => pump.stop()));
    await Promise.all(tables.flatMap(({ stream, expiry }) => [stream.stop(), expiry?.stop()]));
    indexes.close();
  }

  return {
    pumps,
    start(functions) {
      for (const mapping of model.streamMappings) {
        const target = functions.get(mapping.functionName);
        if (target !== undefined) startPump(mapping, target);
      }
      const read = tables.filter(({ expiry, pumps }) => expiry !== undefined || pumps.length > 0);
      for (const { stream, expiry } of read) {
        stream.start();
        expiry?.start(stream);
      }
      stopTrimming = startTrimming(read.map((table) => trimmedTable(table, dynamoDb)));
    },
    wake() {
      for (const { stream } of tables) stream.wake();
    },
    async expireNow() {
      await Promise.all(tables.map(({ expiry }) => expiry?.expireNow()));
    },
    stop: () => (stopping ??= stop()),
  };
}

async function openTable(
  { model, dynamoDb: { endpoint }, now, log }: StreamSettings,
  indexes: ExpiryIndexes,
  table: TableModel,
): Promise<OpenTable[]> {
  const { name, streamArn, timeToLiveAttribute } = table;
  if (streamArn === undefined) return [];
  const source = await findStream(endpoint, { tableName: name, streamArn }, model.place.region);
  const expiry =
    timeToLiveAttribute === undefined
      ? undefined
      : createExpiry({
          endpoint,
          tableName: name,
          timeToLiveAttribute,
          keyAttributes: asList(table.definition.KeySchema).flatMap(
            (key) => asString(asObject(key).AttributeName) ?? [],
          ),
          index: indexes.ofTable({ name, timeToLiveAttribute, engineArn: source.engineArn }),
          now,
          log,
        });
  const stream = openTableStream({ source, tableName: name, observer: expiry?.observer, log });
  return [{ model: table, stream, expiry, pumps: [] }];
}

function trimmedTable({ model: { name }, expiry, pumps }: OpenTable, dynamoDb: DynamoDb) {
  return {
    checkpoint: () =>
      furthestBehind([
        ...(expiry === undefined ? [] : [expiry.observer.position()]),
        ...pumps.map((pump) => pump.checkpoint()),
      ]),
    trim: (before: string) => dynamoDb.trimStream(name, before),
    onTrimmed: (before: string) => expiry?.forget(before),
  };
}
