import { asList, asObject, isObject } from '../shared/json.ts';
import { createNotice } from '../shared/notice.ts';
import { messageOf } from '../shared/problem.ts';
import { callDynamoDb, DynamoDbError } from './client.ts';
import type { DeletionResult, Expiry, ExpiryIndex } from './expiry-index.ts';
import type { StreamObserver, TableStream } from './table-stream.ts';

export type ExpirySettings = {
  endpoint: string;
  tableName: string;
  timeToLiveAttribute: string;
  /** The names of the key attributes. */
  keyAttributes: readonly string[];
  index: ExpiryIndex;
  /** Epoch milliseconds. */
  now: () => number;
  log(line: string): void;
};

export type ExpiryService = {
  observer: StreamObserver;
  /** Starts to delete. The stream must have this service's observer. */
  start(stream: TableStream): void;
  /** Deletes all items that are due now, among them what was written before this call. */
  expireNow(): Promise<void>;
  /** Forgets deletions whose records no consumer will read again. */
  forget(upTo: string): void;
  stop(): Promise<void>;
};

const checkMillis = 5000;
const retryMillis = 1000;
/** Few at a time, so that requests do not wait behind them. */
const portion = 10;
const scanPage = 250;
const scanPauseMillis = 20;

/**
 * Deletes expired items as DynamoDB's time to live does, with any engine. It learns from the stream which items expire when, and
 * looks only at those that are due. It notes each deletion before it makes it, so that the stream record can say who deleted the item.
 */
export function createExpiry(settings: ExpirySettings): ExpiryService {
  const { tableName, index, now, log } = settings;
  const wake = createNotice();
  let requests: (() => void)[] = [];
  let deleting: Promise<void> | undefined;
  let uncertain = true;
  let stopped = false;
  let running: Promise<unknown> | undefined;

  /** Deletes what is due. Never runs twice at a time. */
  async function run(stream: TableStream, scanned: Promise<void>): Promise<void> {
    while (!stopped) {
      const asked = requests;
      requests = [];
      try {
        if (asked.length > 0) await scanned;
        if (asked.length > 0 || uncertain) await stream.readToEnd();
        // Deletions before a crash or a lost answer: those that happened have a record by now.
        if (uncertain && !stopped) index.forgetUnrecorded();
        uncertain = false;
        await deleteDue(stream);
        for (const answer of asked) answer();
        if (requests.length === 0 && !stopped) await wake.wait(checkMillis);
      } catch (error) {
        requests = [...asked, ...requests];
        if (stopped) return;
        uncertain = true;
        log(`Expired items of ${tableName} could not be deleted: ${messageOf(error)}`);
        await wake.wait(retryMillis);
      }
    }
  }

  async function deleteDue(stream: TableStream): Promise<void> {
    for (let due = index.due(now(), portion); due.length > 0 && !stopped; due = index.due(now(), portion)) {
      deleting = deletePortion(due).finally(() => (deleting = undefined));
      await deleting;
      stream.wake();
    }
  }

  async function deletePortion(due: readonly Expiry[]): Promise<void> {
    index.intend(due);
    const results = await Promise.all(due.map((expiry) => deleteItem(settings, expiry)));
    index.settle(results);
    const lost = results.find(({ error }) => error !== undefined);
    if (lost !== undefined) throw lost.error;
  }

  return {
    observer: {
      position: () => index.position(),
      async observe(records) {
        // Whether the service deleted an item is known when the deletions that are under way are answered.
        if (records.some(({ record }) => record.eventName === 'REMOVE')) await deleting?.catch(() => undefined);
        index.apply(records);
      },
      isServiceDeletion: (sequenceNumber) => index.isServiceDeletion(sequenceNumber),
    },
    start(stream) {
      const scanned = scan(settings, () => stopped);
      running = Promise.all([scanned, run(stream, scanned)]);
    },
    expireNow() {
      if (stopped) return Promise.resolve();
      return new Promise((resolve) => {
        requests.push(resolve);
        wake.give();
      });
    },
    forget: (upTo) => index.forget(upTo),
    async stop() {
      stopped = true;
      wake.give();
      await running;
      for (const answer of requests.splice(0)) answer();
    },
  };
}

/** Deletes an item if its time to live is still the one that was seen. */
async function deleteItem(
  { endpoint, tableName, timeToLiveAttribute }: ExpirySettings,
  expiry: Expiry,
): Promise<DeletionResult & { error?: unknown }> {
  try {
    await callDynamoDb(endpoint, 'DynamoDB_20120810.DeleteItem', {
      TableName: tableName,
      Key: expiry.key,
      ConditionExpression: '#ttl = :seen',
      ExpressionAttributeNames: { '#ttl': timeToLiveAttribute },
      ExpressionAttributeValues: { ':seen': { N: expiry.value } },
    });
    return { expiry, result: 'deleted' };
  } catch (error) {
    if (error instanceof DynamoDbError && error.name === 'ConditionalCheckFailedException')
      return { expiry, result: 'refused' };
    return { expiry, result: 'unknown', error };
  }
}

/** Adds the items that are older than the index: once, in the background, and after an interruption from where it stopped. */
async function scan(settings: ExpirySettings, stopped: () => boolean): Promise<void> {
  const { endpoint, tableName, timeToLiveAttribute, keyAttributes, index, log } = settings;
  const names = Object.fromEntries([...keyAttributes, timeToLiveAttribute].map((name, at) => [`#n${at}`, name]));
  const pause = createNotice();
  while (!index.scanned() && !stopped()) {
    try {
      const answer = await callDynamoDb(endpoint, 'DynamoDB_20120810.Scan', {
        TableName: tableName,
        Limit: scanPage,
        ProjectionExpression: Object.keys(names).join(', '),
        ExpressionAttributeNames: names,
        ExclusiveStartKey: index.scanContinuesAfter(),
      });
      const next = answer.LastEvaluatedKey;
      index.addScanned(asList(answer.Items).map(asObject), isObject(next) ? next : undefined);
      await pause.wait(scanPauseMillis);
    } catch (error) {
      log(`The items of ${tableName} that expire could not be read: ${messageOf(error)}`);
      await pause.wait(retryMillis);
    }
  }
}
