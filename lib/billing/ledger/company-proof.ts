import type { ClientId, CompanyId } from '../../shared/ids.ts';
import type { Source } from '../../shared/source.ts';
import type { Position } from '../../table/query.ts';
import type { CompanyProofRepository } from './company-proof-repository.ts';
import type { CompanyProof } from './company-proof-schema.ts';
import type { LedgerProof } from './schema.ts';

/** Clients of one step. A client with ten thousand entries takes some seconds, and a function has 29. */
const CLIENTS_PER_STEP = 10;
/** The ids that the record keeps. All others are in the log. */
const MAX_IDS = 50;

interface CompanyProofDeps {
  readonly proofs: CompanyProofRepository;
  readonly prove: (company: CompanyId, client: ClientId) => Promise<LedgerProof>;
  readonly clientIds: (
    company: CompanyId,
    page: { archived: boolean; limit: number; after: Position | undefined },
  ) => Promise<{ ids: ClientId[]; next: Position | undefined }>;
  /** Told of each client whose ledger does not add up. */
  readonly report: (company: CompanyId, client: ClientId, proof: LedgerProof) => void;
  readonly source: Source;
}

/**
 * Proves the ledgers of all clients of a company. A request is an item of the table: each step writes its progress there, and
 * the stream record of that write starts the next step.
 */
export function companyProver({ proofs, prove, clientIds, report, source }: CompanyProofDeps) {
  const now = () => source.now().toISOString();

  return {
    /** Requests a proof from the beginning; it replaces one that is under way. Two calls. */
    async request(company: CompanyId): Promise<CompanyProof> {
      const earlier = await proofs.read(company);
      const proof: CompanyProof = {
        status: 'running',
        requestedAt: now(),
        clients: 0,
        differing: 0,
        differingIds: [],
        archived: false,
        after: null,
        finishedAt: null,
        version: (earlier?.version ?? 0) + 1,
      };
      await proofs.save(company, proof, earlier?.version);
      return proof;
    },

    /** The progress, or the result; undefined if there was no request. One call. */
    progress: (company: CompanyId): Promise<CompanyProof | undefined> => proofs.read(company),

    /**
     * Proves the next clients and stores the progress, if the proof still has a version. A repeated step changes nothing.
     * @throws Problem `write-conflict` if the books of a client keep changing
     */
    async step(company: CompanyId, version: number): Promise<void> {
      const before = await proofs.read(company);
      if (before?.version !== version || before.status === 'finished') return;
      const { archived, after } = before;
      const { ids, next } = await clientIds(company, { archived, limit: CLIENTS_PER_STEP, after: after ?? undefined });
      const differing: ClientId[] = [];
      for (const client of ids) {
        const proof = await prove(company, client);
        if (proof.holds) continue;
        report(company, client, proof);
        differing.push(client);
      }
      await proofs.save(
        company,
        {
          ...before,
          clients: before.clients + ids.length,
          differing: before.differing + differing.length,
          differingIds: [...before.differingIds, ...differing].slice(0, MAX_IDS),
          ...positionAfter(before, next, now()),
          version: version + 1,
        },
        version,
      );
    },
  };
}

/** Archived clients come after all others, and after them the end. */
function positionAfter({ archived }: CompanyProof, next: Position | undefined, at: string) {
  if (next) return { after: next };
  return archived ? { after: null, status: 'finished' as const, finishedAt: at } : { after: null, archived: true };
}
