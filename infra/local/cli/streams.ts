import type { Assembly, TableModel } from '../assembly/assembly.ts';
import type { StreamMappingModel } from '../assembly/events.ts';
import type { DynamoDb } from '../dynamodb/engine.ts';
import { type StreamPump, startStreamPump } from '../dynamodb/stream-pump.ts';
import { findStream, furthestBehind } from '../dynamodb/stream-reader.ts';
import { startTrimming } from '../dynamodb/stream-trimming.ts';
import { openTableStream, type TableStream } from '../dynamodb/table-stream.ts';
import type { LambdaFunction } from '../lambda/functions.ts';
import type { DeadLetters } from '../sqs/dead-letters.ts';
import type { DataFolder } from './data-folder.ts';

export type StreamSettings = {
  model: Assembly;
  dynamoDb: DynamoDb;
  data: DataFolder;
  deadLetters: DeadLetters;
  log(line: string): void;
};

export type Streams = {
  pumps: StreamPump[];
  /** Delivers the streams to the functions. */
  start(functions: ReadonlyMap<string, LambdaFunction>): void;
  /** Says that a table was written to. */
  wake(): void;
  stop(): Promise<void>;
};

type OpenTable = { model: TableModel; stream: TableStream; pumps: StreamPump[] };

/** Opens the streams of the tables: of each table one reader and its event source mappings. */
export async function openStreams(settings: StreamSettings): Promise<Streams> {
  const { model, dynamoDb, data, deadLetters, log } = settings;
  const open = async (table: TableModel) => await openTable(settings, table);
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
    await Promise.all(tables.map(({ stream }) => stream.stop()));
  }

  return {
    pumps,
    start(functions) {
      for (const mapping of model.streamMappings) {
        const target = functions.get(mapping.functionName);
        if (target !== undefined) startPump(mapping, target);
      }
      const read = tables.filter(({ pumps }) => pumps.length > 0);
      for (const { stream } of read) stream.start();
      stopTrimming = startTrimming(read.map((table) => trimmedTable(table, dynamoDb)));
    },
    wake() {
      for (const { stream } of tables) stream.wake();
    },
    stop: () => (stopping ??= stop()),
  };
}

async function openTable(
  { model, dynamoDb: { endpoint }, log }: StreamSettings,
  table: TableModel,
): Promise<OpenTable[]> {
  const { name, streamArn } = table;
  if (streamArn === undefined) return [];
  const source = await findStream(endpoint, { tableName: name, streamArn }, model.place.region);
  const stream = openTableStream({ source, tableName: name, log });
  return [{ model: table, stream, pumps: [] }];
}

function trimmedTable({ model: { name }, pumps }: OpenTable, dynamoDb: DynamoDb) {
  return {
    checkpoint: () => furthestBehind(pumps.map((pump) => pump.checkpoint())),
    trim: (before: string) => dynamoDb.trimStream(name, before),
    onTrimmed: () => undefined,
  };
}
