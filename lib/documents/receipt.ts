import { differenceOf, type ObjectStorage } from '../aws/object-storage.ts';
import { Problem } from '../shared/errors.ts';
import type { Source } from '../shared/source.ts';
import { type DocumentLog, documentLogEntry } from './log.ts';
import { type DocumentRef, objectKey, parseObjectKey } from './object-key.ts';
import { type DocumentRepository, isVisible } from './repository.ts';
import type { StoredDocument } from './schema.ts';

/** An object that was created. */
export interface Arrival {
  key: string;
  versionId: string;
  /** The time of its creation. */
  at: Date;
}

interface ReceiptDeps {
  documents: Pick<DocumentRepository, 'getStored' | 'replace'>;
  storage: Pick<ObjectStorage, 'getObject' | 'deleteVersion'>;
  log: DocumentLog;
  source: Source;
}

/** Attempts at one arrival when other requests change its document at the same time. */
const MAX_ATTEMPTS = 5;

/**
 * Makes the pending document of an arrived object available, or deletes an object that no document waits for. Events may
 * come late, twice and in any order.
 */
export function documentReceipt({ documents, storage, log, source }: ReceiptDeps) {
  /** @throws Problem `stale-version` when another change was faster */
  async function accept(ref: DocumentRef, document: StoredDocument, { versionId, at }: Arrival): Promise<void> {
    const { ttl: _ttl, ...lasting } = document;
    const { name, size } = document;
    const after: StoredDocument = {
      ...lasting,
      status: 'available',
      versionId,
      updatedAt: source.now().toISOString(),
      version: document.version + 1,
    };
    const detail = `“${name}” has arrived: ${size} bytes.`;
    const entry = documentLogEntry(ref, {
      event: 'received',
      outcome: 'success',
      detail,
      at,
      discriminator: versionId,
    });
    await documents.replace(ref.company, after, document.version, [log.entry(ref.company, ref.client, entry)]);
  }

  async function refuse(ref: DocumentRef, document: StoredDocument, { versionId, at }: Arrival, difference: string) {
    const detail = `What arrived for “${document.name}” was removed: ${difference}.`;
    const entry = documentLogEntry(ref, { event: 'refused', outcome: 'failure', detail, at, discriminator: versionId });
    const after: StoredDocument = { ...document, refusedVersionId: versionId, version: document.version + 1 };
    await documents.replace(ref.company, after, document.version, [log.entry(ref.company, ref.client, entry)]);
  }

  async function receiveOnce(ref: DocumentRef, arrival: Arrival): Promise<void> {
    const { key, versionId } = arrival;
    const document = await documents.getStored(ref);
    // The event is a duplicate.
    if (document?.status === 'available' && document.versionId === versionId) return;
    const isPending = document?.status === 'pending' && isVisible(document, source.now());
    if (!isPending || document.refusedVersionId === versionId) return storage.deleteVersion(key, versionId);
    const difference = differenceOf(document, await storage.getObject(key, versionId));
    if (difference === undefined) return accept(ref, document, arrival);
    await refuse(ref, document, arrival, difference);
    await storage.deleteVersion(key, versionId);
  }

  return async (arrival: Arrival): Promise<void> => {
    const ref = parseObjectKey(arrival.key);
    if (!ref || objectKey(ref) !== arrival.key) return storage.deleteVersion(arrival.key, arrival.versionId);
    for (let attempt = 1; ; attempt++) {
      try {
        return await receiveOnce(ref, arrival);
      } catch (error) {
        const isConflict = error instanceof Problem && (error.code === 'stale-version' || error.code === 'not-found');
        if (!isConflict || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  };
}
