import { Problem } from '../shared/errors.ts';
import { type Table, transact } from '../table/table.ts';
import { type DocumentLog, documentEntry } from './log.ts';
import { type DocumentPlace, objectKey } from './object-key.ts';
import type { DocumentRepository } from './repository.ts';
import type { DocumentStorage } from './storage.ts';

interface RemovalDeps {
  table: Table;
  documents: Pick<DocumentRepository, 'stored' | 'endDeletion' | 'countOffOnce'>;
  storage: Pick<DocumentStorage, 'versions' | 'remove'>;
  log: DocumentLog;
}

/** Lists that one run reads until there is nothing left under a key. */
const MAX_ROUNDS = 10;

/** What is left to do once a document is deleted or has never come. Every step can be done again from its beginning. */
export function documentRemoval({ table, documents, storage, log }: RemovalDeps) {
  /** @throws Error where something is left */
  async function emptyStorage(place: DocumentPlace): Promise<void> {
    const key = objectKey(place);
    for (let round = 1; round <= MAX_ROUNDS; round++) {
      const versions = await storage.versions(key);
      if (versions.length === 0) return;
      for (const version of versions) await storage.remove(key, version);
    }
    throw new Error(`objects of ${place.id} keep coming`);
  }

  return {
    /**
     * Removes a document that is being deleted, with every version of its bytes.
     * @throws Error where the storage does not let it: the system log says so until it does
     */
    async finish(place: DocumentPlace): Promise<void> {
      const document = await documents.stored(place);
      if (document?.status !== 'deleting') return;
      const { company, client } = place;
      // One entry, which says in the end how it ended.
      const told = { event: 'deleted', at: new Date(document.updatedAt) } as const;
      try {
        await emptyStorage(place);
      } catch (error) {
        const detail = `The bytes of “${document.name}” could not be removed yet; it is tried again.`;
        await transact(table, [
          log.entry(company, client, documentEntry(place, { ...told, outcome: 'failure', detail })),
        ]);
        throw error;
      }
      const detail = `“${document.name}” was deleted with every version of its bytes.`;
      const entry = documentEntry(place, { ...told, outcome: 'success', detail });
      try {
        await documents.endDeletion(company, document, [log.entry(company, client, entry)]);
      } catch (error) {
        // Another delivery of the same record was quicker.
        if (!(error instanceof Problem) || error.code !== 'stale-version') throw error;
      }
    },

    /** Counts off a document whose time ran out, and removes what may have come for it after all. */
    async expire(place: DocumentPlace, { part, ttl }: { part: number; ttl: number }): Promise<void> {
      await emptyStorage(place);
      const detail = 'The upload did not come within a day; the document that was announced is gone.';
      const at = new Date(ttl * 1000);
      const entry = documentEntry(place, { event: 'expired', outcome: 'failure', detail, at });
      await documents.countOffOnce(place, part, (refusal) =>
        log.entryOnce(place.company, place.client, entry, refusal),
      );
    },
  };
}
