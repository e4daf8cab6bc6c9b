import { asNumber, asString, type JsonObject } from '../shared/json.ts';
import { atomically, openDatabase } from '../shared/sqlite.ts';

/** An event on its way to one function. */
export type Delivery = {
  id: string;
  /** When it was published, in milliseconds. */
  time: number;
  functionName: string;
  ruleArn: string;
  /** How often the function has failed on it. */
  failures: number;
  /** As the function gets it, in JSON. */
  event: string;
};

export type EventStore = {
  /** All of them or none, on disk when this returns. */
  add(deliveries: readonly Delivery[]): void;
  failed(id: string, failures: number): void;
  remove(id: string): void;
  /** Oldest first. */
  pending(): Delivery[];
  close(): void;
};

/** Keeps deliveries until they are done with. */
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
        for (const one of deliveries)
          insert.run(one.id, one.time, one.functionName, one.ruleArn, one.failures, one.event);
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
