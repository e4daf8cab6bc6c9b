import { Problem } from '../shared/errors.ts';
import type { Source } from '../shared/source.ts';
import { type DocumentLog, documentEntry } from './log.ts';
import { type DocumentPlace, objectKey, placeOf } from './object-key.ts';
import { type DocumentRepository, isThere } from './repository.ts';
import type { StoredDocument } from './schema.ts';
import type { DocumentStorage, StoredObject } from './storage.ts';

/** An object that was created. */
export interface Arrival {
  key: string;
  versionId: string;
  /** When it was created. */
  at: Date;
}

interface ReceiptDeps {
  documents: Pick<DocumentRepository, 'stored' | 'replace'>;
  storage: Pick<DocumentStorage, 'getObject' | 'deleteVersion'>;
  log: DocumentLog;
  source: Source;
}

/** Attempts at one arrival when other requests change its document at the same time. */
const MAX_ROUNDS = 5;

/**
 * Makes the pending document of an arrived object available, or deletes an object that no document waits for. Events may
 * come late, twice and in any order.
 */
export function documentReceipt({ documents, storage, log, source }: ReceiptDeps) {
  /** @throws Problem `stale-version` when another change was faster */
  async function accept(place: DocumentPlace, document: StoredDocument, { versionId, at }: Arrival): Promise<void> {
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
    const entry = documentEntry(place, { event: 'received', outcome: 'success', detail, at, of: versionId });
    await documents.replace(place.company, after, document.version, [log.entry(place.company, place.client, entry)]);
  }

  async function refuse(
    place: DocumentPlace,
    document: StoredDocument,
    { versionId, at }: Arrival,
    difference: string,
  ) {
    const detail = `What arrived for “${document.name}” was removed: ${difference}.`;
    const entry = documentEntry(place, { event: 'refused', outcome: 'failure', detail, at, of: versionId });
    const after: StoredDocument = { ...document, refusedVersionId: versionId, version: document.version + 1 };
    await documents.replace(place.company, after, document.version, [log.entry(place.company, place.client, entry)]);
  }

  async function receiveOnce(place: DocumentPlace, arrival: Arrival): Promise<void> {
    const { key, versionId } = arrival;
    const document = await documents.stored(place);
    // The event is a duplicate.
    if (document?.status === 'available' && document.versionId === versionId) return;
    const isPending = document?.status === 'pending' && isThere(document, source.now());
    if (!isPending || document.refusedVersionId === versionId) return storage.deleteVersion(key, versionId);
    const difference = differenceOf(document, await storage.getObject(key, versionId));
    if (difference === undefined) return accept(place, document, arrival);
    await refuse(place, document, arrival, difference);
    await storage.deleteVersion(key, versionId);
  }

  return async (arrival: Arrival): Promise<void> => {
    const place = placeOf(arrival.key);
    if (!place || objectKey(place) !== arrival.key) return storage.deleteVersion(arrival.key, arrival.versionId);
    for (let round = 1; ; round++) {
      try {
        return await receiveOnce(place, arrival);
      } catch (error) {
        const isConflict = error instanceof Problem && (error.code === 'stale-version' || error.code === 'not-found');
        if (!isConflict || round === MAX_ROUNDS) throw error;
      }
    }
  };
}

/** How an object differs from its document; undefined when it does not. */
function differenceOf({ size, sha256, contentType }: StoredDocument, object: StoredObject): string | undefined {
  if (object.size !== size) return `it has ${object.size} bytes instead of ${size}`;
  if (object.sha256 !== sha256) return 'its checksum differs';
  if (object.contentType.toLowerCase() !== contentType.toLowerCase()) return 'its content type differs';
  return undefined;
}
