import { asNumber, asString, type JsonObject } from '../shared/json.ts';
import { atomically, openDatabase } from '../shared/sqlite.ts';

/** The delivery of an event to one function. */
export type Delivery = {
  id: string;
  /** The time of publication in epoch milliseconds. */
  time: number;
  functionName: string;
  ruleArn: string;
  /** The number of failed invocations. */
  failures: number;
  /** The event in JSON, as the function receives it. */
  event: string;
};

export type EventStore = {
  /** Adds all of them or none; they are on disk when it returns. */
  add(deliveries: readonly Delivery[]): void;
  failed(id: string, failures: number): void;
  remove(id: string): void;
  /** Oldest first. */
  pending(): Delivery[];
  close(): void;
};

/** Stores deliveries until they are removed. */
export function openEventStore(file: string): EventStore {
  const database = openDatabase(
    file,
    `create table if not exists deliveries (
       number integer primary key autoincrement, id text unique not null, time integer not null,
       function text not null, rule text not null, failures integer not null, event text not null)`,
  );
  const insert = database.prepare(
    'insert into deliveries (id, time, function, rule, failures, event) values (?, ?, ?, ?, ?, ?)',
  );
  const count = database.prepare('update deliveries set failures = ? where id = ?');
  const remove = database.prepare('delete from deliveries where id = ?');
  const all = database.prepare('select * from deliveries order by number');
  return {
    add(deliveries) {
      atomically(database, () => {
        for (const { id, time, functionName, ruleArn, failures, event } of deliveries)
          insert.run(id, time, functionName, ruleArn, failures, event);
      });
    },
    failed: (id, failures) => void count.run(failures, id),
    remove: (id) => void remove.run(id),
    pending: () => all.all().map((row) => deliveryOf(row as JsonObject)),
    close: () => database.close(),
  };
}

function deliveryOf(row: JsonObject): Delivery {
  return {
    id: asString(row.id) ?? '',
    time: asNumber(row.time) ?? 0,
    functionName: asString(row.function) ?? '',
    ruleArn: asString(row.rule) ?? '',
    failures: asNumber(row.failures) ?? 0,
    event: asString(row.event) ?? '{}',
  };
}
