import { Problem } from '../shared/errors.ts';
import type { Source } from '../shared/source.ts';
import { type DocumentLog, documentEntry } from './log.ts';
import { type DocumentPlace, objectKey, placeOf } from './object-key.ts';
import { type DocumentRepository, isThere } from './repository.ts';
import type { StoredDocument } from './schema.ts';
import type { DocumentStorage, StoredObject } from './storage.ts';

/** An object that has come to be. */
export interface Arrival {
  key: string;
  versionId: string;
  /** When it did. */
  at: Date;
}

interface ReceiptDeps {
  documents: Pick<DocumentRepository, 'stored' | 'replace'>;
  storage: Pick<DocumentStorage, 'object' | 'remove'>;
  log: DocumentLog;
  source: Source;
}

/** Rounds of one arrival whose document others change meanwhile. */
const MAX_ROUNDS = 5;

/**
 * Makes of an arrived object what it is: the document that waited for it, or nothing. Events may come late, twice and in
 * any order.
 */
export function documentReceipt({ documents, storage, log, source }: ReceiptDeps) {
  /** @throws Problem `stale-version` where another change came between */
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
    const detail = `“${name}” has arrived: ${size} bytes, as announced.`;
    const entry = documentEntry(place, { event: 'received', outcome: 'success', detail, at, of: versionId });
    await documents.replace(place.company, after, document.version, [log.entry(place.company, place.client, entry)]);
  }

  async function refuse(place: DocumentPlace, document: StoredDocument, { versionId, at }: Arrival, why: string) {
    const detail = `What arrived for “${document.name}” was removed: ${why}.`;
    const entry = documentEntry(place, { event: 'refused', outcome: 'failure', detail, at, of: versionId });
    const after: StoredDocument = { ...document, refusedVersionId: versionId, version: document.version + 1 };
    await documents.replace(place.company, after, document.version, [log.entry(place.company, place.client, entry)]);
  }

  async function receiveOnce(place: DocumentPlace, arrival: Arrival): Promise<void> {
    const { key, versionId } = arrival;
    const document = await documents.stored(place);
    // The same event again.
    if (document?.status === 'available' && document.versionId === versionId) return;
    const isAwaited = document?.status === 'pending' && isThere(document, source.now());
    if (!isAwaited || document.refusedVersionId === versionId) return storage.remove(key, versionId);
    const why = differenceOf(document, await storage.object(key, versionId));
    if (why === undefined) return accept(place, document, arrival);
    await refuse(place, document, arrival, why);
    await storage.remove(key, versionId);
  }

  return async (arrival: Arrival): Promise<void> => {
    const place = placeOf(arrival.key);
    if (!place || objectKey(place) !== arrival.key) return storage.remove(arrival.key, arrival.versionId);
    for (let round = 1; ; round++) {
      try {
        return await receiveOnce(place, arrival);
      } catch (error) {
        const overtaken = error instanceof Problem && (error.code === 'stale-version' || error.code === 'not-found');
        if (!overtaken || round === MAX_ROUNDS) throw error;
      }
    }
  };
}

/** How an object is not what was announced; undefined where it is. */
function differenceOf({ size, sha256, contentType }: StoredDocument, object: StoredObject): string | undefined {
  if (object.size !== size) return `it has ${object.size} bytes and not ${size}`;
  if (object.sha256 !== sha256) return 'its checksum is another one';
  if (object.contentType.toLowerCase() !== contentType.toLowerCase()) return 'its content type is another one';
  return undefined;
}
