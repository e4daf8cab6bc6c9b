import { deleteAllVersions, type ObjectStorage } from '../aws/object-storage.ts';
import { Problem } from '../shared/errors.ts';
import type { Table } from '../table/client.ts';
import { transact } from '../table/transaction.ts';
import { type DocumentLog, documentLogEntry } from './log.ts';
import { type DocumentRef, objectKey } from './object-key.ts';
import type { DocumentRepository } from './repository.ts';

interface RemovalDeps {
  table: Table;
  documents: Pick<DocumentRepository, 'getStored' | 'endDeletion' | 'decrementCountOnce'>;
  storage: Pick<ObjectStorage, 'listVersions' | 'deleteVersion'>;
  log: DocumentLog;
}

/** Background work on a document that was deleted or never arrived. Every step can be repeated from its beginning. */
export function documentRemoval({ table, documents, storage, log }: RemovalDeps) {
  return {
    /**
     * Removes a document that is being deleted, with every version of its bytes.
     * @throws Error when S3 fails: the system log has a failure entry until a retry succeeds
     */
    async finish(ref: DocumentRef): Promise<void> {
      const document = await documents.getStored(ref);
      if (document?.status !== 'deleting') return;
      const { company, client } = ref;
      // The same id in every attempt, so the entry ends up with the last outcome.
      const event = { event: 'deleted', at: new Date(document.updatedAt) } as const;
      try {
        await deleteAllVersions(storage, objectKey(ref));
      } catch (error) {
        const detail = `The bytes of “${document.name}” could not be deleted yet; this is retried.`;
        await transact(table, [
          log.entry(company, client, documentLogEntry(ref, { ...event, outcome: 'failure', detail })),
        ]);
        throw error;
      }
      const detail = `“${document.name}” was deleted with every version of its bytes.`;
      const entry = documentLogEntry(ref, { ...event, outcome: 'success', detail });
      try {
        await documents.endDeletion(company, document, [log.entry(company, client, entry)]);
      } catch (error) {
        // Another delivery of the same record was faster.
        if (!(error instanceof Problem) || error.code !== 'stale-version') throw error;
      }
    },

    /** Decrements the count for an expired document, and deletes objects that arrived too late. */
    async expire(ref: DocumentRef, { part, ttl }: { part: number; ttl: number }): Promise<void> {
      await deleteAllVersions(storage, objectKey(ref));
      const detail = 'The upload did not arrive within a day; the document has expired.';
      const at = new Date(ttl * 1000);
      const entry = documentLogEntry(ref, { event: 'expired', outcome: 'failure', detail, at });
      await documents.decrementCountOnce(ref, part, (refusal) =>
        log.entryOnce(ref.company, ref.client, entry, refusal),
      );
    },
  };
}
