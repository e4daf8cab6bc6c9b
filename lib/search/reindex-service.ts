import type { CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { ClientIndexer } from './index-repository.ts';
import type { ReindexRepository } from './reindex-repository.ts';
import type { Reindex } from './schema.ts';

/** Clients that one step indexes together, in some tenths of a second. */
const CLIENTS_PER_STEP = 25;

interface ReindexDeps {
  requests: ReindexRepository;
  indexer: ClientIndexer;
  source: Source;
}

/**
 * Rebuilds the rows and postings of all clients of a company. A request is an item of the table: each step writes its
 * progress there, and the stream record of that write starts the next step.
 */
export function reindexService({ requests, indexer, source }: ReindexDeps) {
  const now = () => source.now().toISOString();

  return {
    /** Requests a rebuild from the beginning. The stream record of the request starts the first step. */
    async request(company: CompanyId): Promise<Reindex> {
      const request: Reindex = {
        requestedAt: now(),
        clients: 0,
        archived: false,
        after: null,
        finishedAt: null,
        version: 1,
      };
      await requests.request(company, request);
      return request;
    },

    /** Requests a rebuild for every company; returns the number of companies. */
    async requestAll(): Promise<number> {
      let companies = 0;
      for await (const batch of requests.companies()) {
        await Promise.all(batch.map((company) => this.request(company)));
        companies += batch.length;
      }
      return companies;
    },

    /** The progress of a company; undefined if there is no request. */
    progress: (company: CompanyId) => requests.read(company),

    /**
     * Indexes the next clients and stores the progress. Idempotent, and safe to run concurrently.
     * @throws the error of a client that could not be indexed
     */
    async step(company: CompanyId): Promise<void> {
      const before = await requests.read(company);
      if (!before || before.finishedAt !== null) return;
      const { ids, next } = await requests.clients(
        company,
        before.archived,
        CLIENTS_PER_STEP,
        before.after ?? undefined,
      );
      const clients = ids.map((client) => ({ company, client }));
      for (const error of (await indexer.updateAll(clients, true)).values()) throw error;
      const done = { clients: before.clients + ids.length, version: before.version + 1 };
      const position = next
        ? { after: next }
        : { after: null, archived: true, finishedAt: before.archived ? now() : null };
      await requests.saveProgress(company, before, { ...before, ...done, ...position });
    },
  };
}

export type ReindexService = ReturnType<typeof reindexService>;
