import type { EngineProcessOptions } from './engine-process.ts';

export type DynamoDb = {
  endpoint: string;
  engine: 'dynoxide' | 'DynamoDB Local' | 'DYNAMODB_ENDPOINT';
  /** The engine's process; undefined for an engine at `DYNAMODB_ENDPOINT`. */
  pid: number | undefined;
  /**
   * Forwards a request; what it wrote then survives the kill of the engine. Without it, requests and responses pass between a
   * function and the engine as they are.
   */
  forward?(target: string, body: Buffer): Promise<{ status: number; body: Buffer }>;
  /** Deletes stream records that every consumer has read, now or when it stops; false if some of them remain for the next call. */
  trimStream(tableName: string, beforeSequenceNumber: string): boolean;
  stop(): Promise<void>;
};

export type DynamoDbOptions = EngineProcessOptions & {
  /** The database file; without it the database is in memory. */
  file?: string;
};
