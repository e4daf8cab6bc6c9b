import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import { batchWrite } from '../table/batch-write.ts';
import type { Table } from '../table/client.ts';
import {
  BUSY,
  type ClientRef,
  COUNT_SHARDS,
  type CountTarget,
  clientIndexLeases,
  countsChanged,
  type Plan,
  togetherCounted,
} from './index-lease.ts';

/** Clients that are indexed together. Their index items and counts fit one transaction. */
const CLIENTS_AT_ONCE = 25;
/** Rows and postings that are written under leases which end together. An ordinary client has ten, the largest 800. */
const WRITES_PER_LEASE = 200;
/** How long a run may write under a lease. It needs a tenth of a second. */
const WRITING_MS = 10_000;
/** How long a call may still reach the table after its run was killed or gave it up, and how far clocks may differ. */
const LATE_CALL_MS = 5_000;
/** Attempts for a client that another run is indexing. With the table's back-off they take about two seconds. */
const MAX_ATTEMPTS = 10;

/** The errors of clients that could not be indexed. */
type Failures = Map<ClientId, unknown>;

/**
 * Keeps the rows and postings of clients in step with the clients. Every run reads the client as it is now, so runs may be
 * repeated, late and out of order. A run first takes the lease of the client: only the run that has it writes rows and
 * postings, and the next run knows from it all that a killed one may have written.
 */
export function clientIndexer(table: Table, source: Source) {
  const leases = clientIndexLeases(table);

  async function attempt(clients: readonly ClientRef[], force: boolean): Promise<Failures> {
    const failures: Failures = new Map();
    const plans: Plan[] = [];
    await forEach(clients, failures, async (client) => {
      const plan = await leases.plan(client, source.now(), force);
      if (plan) plans.push(plan);
    });
    for (const group of groupsOf(plans)) await write(group, failures);
    return failures;
  }

  /** Writes rows and postings of clients under leases that end together. */
  async function write(plans: readonly Plan[], failures: Failures): Promise<void> {
    const writeUntil = source.now().getTime() + WRITING_MS;
    const signal = AbortSignal.timeout(WRITING_MS);
    const leasedUntil = writeUntil + LATE_CALL_MS;
    const leased: Plan[] = [];
    await forEach(plans, failures, async (plan) => {
      await leases.take(plan, leasedUntil);
      leased.push(plan);
    });
    const changes = { puts: leased.flatMap(({ puts }) => puts), deletes: leased.flatMap(({ deletes }) => deletes) };
    try {
      const { repeated } = await batchWrite(table, changes, () => {
        if (source.now().getTime() >= writeUntil) throw new Error('the lease has ended');
        return signal;
      });
      // The lost attempt of a repeated call may still arrive, so no other run may write before the lease ends by itself.
      const countable: Plan[] = [];
      await forEach(leased, failures, async (plan) => {
        countable.push(await leases.uncount(plan, target(), leasedUntil));
      });
      await end(countable, repeated ? leasedUntil : undefined, failures);
    } catch (error) {
      for (const { client } of leased) failures.set(client, error);
    }
  }

  async function end(plans: readonly Plan[], leasedUntil: number | undefined, failures: Failures): Promise<void> {
    const counted = togetherCounted(plans.filter((plan) => countsChanged(plan) > 0));
    const single = new Set(plans);
    // Clients that are counted end together, because each changes the same counts.
    for (const group of counted) {
      const together = group.length > 1 && (await succeeds(() => leases.end(group, target(), leasedUntil)));
      if (together) for (const plan of group) single.delete(plan);
    }
    await forEach([...single], failures, (plan) => leases.end([plan], target(), leasedUntil));
  }

  function target(): CountTarget {
    const [random = 0] = source.random(1);
    return { shard: random % COUNT_SHARDS, at: source.now().toISOString() };
  }

  /**
   * Brings rows, postings and counts of clients up to date, or removes them if a client is gone. Returns the errors of those
   * that failed. A Query for each client; if it is out of date also two puts (one transaction for all that are counted), and
   * a BatchWriteItem for each 25 rows and postings of all clients. With `force` all are written.
   */
  async function updateAll(clients: readonly ClientRef[], force = false): Promise<ReadonlyMap<ClientId, unknown>> {
    const all: Failures = new Map();
    for (let from = 0; from < clients.length; from += CLIENTS_AT_ONCE) {
      let pending = clients.slice(from, from + CLIENTS_AT_ONCE);
      for (let attempts = 1; ; attempts++) {
        const failures = await attempt(pending, force);
        pending = attempts < MAX_ATTEMPTS ? pending.filter(({ client }) => failures.get(client) === BUSY) : [];
        for (const { client } of pending) failures.delete(client);
        for (const [client, error] of failures) all.set(client, error);
        if (pending.length === 0) break;
        await table.backOff(attempts);
      }
    }
    return all;
  }

  return {
    updateAll,

    /** As `updateAll`, for one client. @throws its error */
    async update(company: CompanyId, client: ClientId, force = false): Promise<void> {
      const failures = await updateAll([{ company, client }], force);
      if (failures.has(client)) throw failures.get(client);
    },
  };
}

export type ClientIndexer = ReturnType<typeof clientIndexer>;

/** Runs for all clients at once, and keeps their errors. */
async function forEach<C extends ClientRef>(
  clients: readonly C[],
  failures: Failures,
  run: (client: C) => Promise<void>,
): Promise<void> {
  await Promise.all(
    clients.map((client) => run(client).catch((error: unknown) => void failures.set(client.client, error))),
  );
}

/** Groups of plans with at most `WRITES_PER_LEASE` writes each, unless a single plan has more. */
function groupsOf(plans: readonly Plan[]): Plan[][] {
  const groups: Plan[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const plan of plans) {
    const writes = plan.puts.length + plan.deletes.length;
    if (size + writes > WRITES_PER_LEASE) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(plan);
    size += writes;
  }
  return groups;
}

async function succeeds(run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch {
    return false;
  }
}
