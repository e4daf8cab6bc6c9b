import { type ActivityWrites, documentActivity } from '../activity/document-activity.ts';
import { authorOf } from '../activity/schema.ts';
import type { Locate } from '../aws/s3.ts';
import { invalid, Problem } from '../shared/errors.ts';
import { type ClientId, DocumentId, mintId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import type { Principal } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';
import type { Commit, Position } from '../table/table.ts';
import { harmlessType } from './content-type.ts';
import { attachment } from './file-name.ts';
import { objectKey } from './object-key.ts';
import { COUNT_PARTS, type DocumentFilter, type DocumentRepository } from './repository.ts';
import {
  type AnnouncedDocument,
  DocumentChange,
  type DocumentInput,
  type DocumentPatch,
  type Download,
  type StoredDocument,
  shownDocument,
  type Upload,
} from './schema.ts';

/** Seconds that an announced document waits for its bytes. */
const WAITS = 24 * 3600;
/** Seconds that locations are good. */
const UPLOAD_GOOD = 3600;
const DOWNLOAD_GOOD = 5 * 60;

type IfMatch = readonly number[] | undefined;

interface DocumentDeps {
  documents: Pick<DocumentRepository, 'maxSize' | 'create' | 'document' | 'page' | 'replace' | 'beginDeletion'>;
  isClient: (company: Principal['companyId'], client: ClientId) => Promise<boolean>;
  locate: Locate;
  activity: ActivityWrites;
  source: Source;
}

/** Documents of a client: announced here, carried by the storage alone. Each change leaves its entry of the client's activity. */
export function documentService({ documents, isClient, locate, activity, source }: DocumentDeps) {
  const now = () => source.now().toISOString();
  const entryOf = documentActivity(activity);

  async function found({ companyId }: Principal, client: ClientId, id: DocumentId): Promise<StoredDocument> {
    const document = await documents.document(companyId, client, id, source.now());
    if (!document) throw new Problem('not-found');
    return document;
  }

  /** Reads and writes a document; again where another change came between and the caller named no version. */
  async function changing(
    principal: Principal,
    { client, id, ifMatch }: { client: ClientId; id: DocumentId; ifMatch: IfMatch },
    write: (present: StoredDocument, next: Pick<StoredDocument, 'updatedAt' | 'version'>) => Promise<StoredDocument>,
  ): Promise<StoredDocument> {
    return retryOnStaleVersion(ifMatch, async () => {
      const present = await found(principal, client, id);
      if (ifMatch && !ifMatch.includes(present.version)) throw new Problem('stale-version');
      return write(present, { updatedAt: now(), version: present.version + 1 });
    });
  }

  async function uploadOf(
    { companyId }: Principal,
    { clientId, id, contentType, size, sha256 }: StoredDocument,
  ): Promise<Upload> {
    const headers = {
      'content-length': String(size),
      'content-type': contentType,
      // Only what is not there yet can be written: the document that arrived stays as it is.
      'if-none-match': '*',
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    };
    const key = objectKey({ company: companyId, client: clientId, id });
    const { url, expiresAt } = await locate({ method: 'PUT', key, headers, seconds: UPLOAD_GOOD });
    return { method: 'PUT', url, headers, expiresAt: expiresAt.toISOString() };
  }

  return {
    /**
     * Announces a document and says where its bytes go. Two calls.
     * @throws Problem `not-found`, `validation` where it is larger than the company allows, `too-many-documents`
     */
    async announce(
      principal: Principal,
      clientId: ClientId,
      input: DocumentInput,
      commit: Commit<AnnouncedDocument>,
    ): Promise<AnnouncedDocument> {
      const { companyId } = principal;
      const maxSize = await documents.maxSize(companyId, clientId);
      if (maxSize === undefined) throw new Problem('not-found');
      if (input.size > maxSize)
        throw invalid({ pointer: '/size', code: 'too-big', detail: `Too big: ${maxSize} bytes at most` });
      const at = source.now();
      const document: StoredDocument = {
        ...input,
        id: mintId(DocumentId, 'doc', source),
        clientId,
        status: 'pending',
        part: (source.random(1)[0] ?? 0) % COUNT_PARTS,
        ttl: Math.floor(at.getTime() / 1000) + WAITS,
        createdAt: at.toISOString(),
        updatedAt: at.toISOString(),
        version: 1,
      };
      const announced = { document: shownDocument(document), upload: await uploadOf(principal, document) };
      const entry = entryOf(companyId, authorOf(principal), undefined, document);
      await documents.create(companyId, document, (writes) => commit([...writes, ...entry], announced));
      return announced;
    },

    /** A page of documents, newest first. One call, one more where the page is empty. @throws Problem `not-found` */
    async list(
      { companyId }: Principal,
      clientId: ClientId,
      request: { filter: DocumentFilter; limit: number; after: Position | undefined },
    ) {
      const { documents: page, next } = await documents.page(companyId, clientId, { ...request, now: source.now() });
      // Only an empty list can be that of nobody.
      if (page.length === 0 && !(await isClient(companyId, clientId))) throw new Problem('not-found');
      return { documents: page.map(shownDocument), next };
    },

    read: async (principal: Principal, client: ClientId, id: DocumentId) =>
      shownDocument(await found(principal, client, id)),

    /**
     * Applies a merge patch to name and visibility. Two calls, one where nothing changes.
     * @throws Problem `not-found`, `validation`, `stale-version`
     */
    async change(principal: Principal, client: ClientId, id: DocumentId, patch: DocumentPatch, ifMatch: IfMatch) {
      const changed = await changing(principal, { client, id, ifMatch }, async (present, next) => {
        const { name, visibility } = present;
        const wanted = validated(DocumentChange, mergePatch({ name, visibility }, patch));
        if (wanted.name === name && wanted.visibility === visibility) return present;
        const after = { ...present, ...wanted, ...next };
        const entry = entryOf(principal.companyId, authorOf(principal), present, after);
        await documents.replace(principal.companyId, after, present.version, entry);
        return after;
      });
      return shownDocument(changed);
    },

    /** Hides a document at once; its bytes are removed in the background. Two calls. @throws Problem `not-found`, `stale-version` */
    async remove(principal: Principal, client: ClientId, id: DocumentId, ifMatch: IfMatch): Promise<void> {
      await changing(principal, { client, id, ifMatch }, async (present, next) => {
        // Without its time to live: DynamoDB must not remove it before the storage is empty.
        const { ttl: _ttl, ...lasting } = present;
        const after: StoredDocument = { ...lasting, ...next, status: 'deleting' };
        const entry = entryOf(principal.companyId, authorOf(principal), present, after);
        await documents.beginDeletion(principal.companyId, after, present.version, entry);
        return after;
      });
    },

    /** Where the bytes can be had for five minutes, as a file to save. One call. @throws Problem `not-found`, `document-pending` */
    async download(principal: Principal, client: ClientId, id: DocumentId): Promise<Download> {
      const { name, contentType, status, versionId } = await found(principal, client, id);
      if (status !== 'available' || versionId === undefined) throw new Problem('document-pending');
      const { url, expiresAt } = await locate({
        method: 'GET',
        key: objectKey({ company: principal.companyId, client, id }),
        query: {
          versionId,
          'response-content-disposition': attachment(name),
          'response-content-type': harmlessType(contentType),
          'response-cache-control': 'private, no-store',
        },
        seconds: DOWNLOAD_GOOD,
      });
      return { url, expiresAt: expiresAt.toISOString() };
    },
  };
}
