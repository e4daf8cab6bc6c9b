import { Problem } from '../shared/errors.ts';
import type { Table } from '../table/client.ts';
import { transact } from '../table/transaction.ts';
import { type DocumentLog, documentEntry } from './log.ts';
import { type DocumentPlace, objectKey } from './object-key.ts';
import type { DocumentRepository } from './repository.ts';
import type { DocumentStorage } from './storage.ts';

interface RemovalDeps {
  table: Table;
  documents: Pick<DocumentRepository, 'stored' | 'endDeletion' | 'countOffOnce'>;
  storage: Pick<DocumentStorage, 'listVersions' | 'deleteVersion'>;
  log: DocumentLog;
}

/** Lists that one run reads until no version of a key is left. */
const MAX_ROUNDS = 10;

/** Background work on a document that was deleted or never arrived. Every step can be repeated from its beginning. */
export function documentRemoval({ table, documents, storage, log }: RemovalDeps) {
  /** @throws Error when versions are left, or S3 fails */
  async function deleteObjects(place: DocumentPlace): Promise<void> {
    const key = objectKey(place);
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      const versions = await storage.listVersions(key);
      if (versions.length === 0) return;
      for (const version of versions) await storage.deleteVersion(key, version);
    }
    throw new Error(`objects of ${place.id} keep coming`);
  }

  return {
    /**
     * Removes a document that is being deleted, with every version of its bytes.
     * @throws Error when S3 fails: the system log has a failure entry until a retry succeeds
     */
    async finish(place: DocumentPlace): Promise<void> {
      const document = await documents.stored(place);
      if (document?.status !== 'deleting') return;
      const { company, client } = place;
      // The same id in every attempt, so the entry ends up with the last outcome.
      const happening = { event: 'deleted', at: new Date(document.updatedAt) } as const;
      try {
        await deleteObjects(place);
      } catch (error) {
        const detail = `The bytes of “${document.name}” could not be deleted yet; this is retried.`;
        await transact(table, [
          log.entry(company, client, documentEntry(place, { ...happening, outcome: 'failure', detail })),
        ]);
        throw error;
      }
      const detail = `“${document.name}” was deleted with every version of its bytes.`;
      const entry = documentEntry(place, { ...happening, outcome: 'success', detail });
      try {
        await documents.endDeletion(company, document, [log.entry(company, client, entry)]);
      } catch (error) {
        // Another delivery of the same record was faster.
        if (!(error instanceof Problem) || error.code !== 'stale-version') throw error;
      }
    },

    /** Takes an expired document off the count, and deletes objects that arrived too late. */
    async expire(place: DocumentPlace, { part, ttl }: { part: number; ttl: number }): Promise<void> {
      await deleteObjects(place);
      const detail = 'The upload did not arrive within a day; the document has expired.';
      const at = new Date(ttl * 1000);
      const entry = documentEntry(place, { event: 'expired', outcome: 'failure', detail, at });
      await documents.countOffOnce(place, part, (refusal) =>
        log.entryOnce(place.company, place.client, entry, refusal),
      );
    },
  };
}
