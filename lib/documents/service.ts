import { documentActivity } from '../activity/document-activity.ts';
import { authorOf } from '../activity/schema.ts';
import type { ActivityWrites } from '../activity/writes.ts';
import { presignedRequests } from '../aws/presigned-requests.ts';
import type { Presigner } from '../aws/s3.ts';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import { type ClientId, DocumentId, mintId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import type { Principal } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';
import type { Position } from '../table/query.ts';
import type { Commit } from '../table/transaction.ts';
import { safeContentType } from './content-type.ts';
import { attachmentHeader } from './file-name.ts';
import { objectKey } from './object-key.ts';
import { COUNT_SHARDS, type DocumentFilter, type DocumentRepository } from './repository.ts';
import {
  type CreatedDocument,
  DocumentChange,
  type DocumentInput,
  type DocumentPatch,
  type Download,
  type StoredDocument,
  toDocument,
  type Upload,
} from './schema.ts';

/** Seconds after which a document whose bytes have not arrived expires. */
const PENDING_SECONDS = 24 * 3600;

type IfMatch = readonly number[] | undefined;

interface DocumentDeps {
  documents: Pick<DocumentRepository, 'maxSize' | 'create' | 'document' | 'page' | 'replace' | 'beginDeletion'>;
  isClient: (company: Principal['companyId'], client: ClientId) => Promise<boolean>;
  /** Called when a URL is needed, because the presigner is slow to load. */
  presigner: () => Promise<Presigner>;
  activity: ActivityWrites;
  source: Source;
}

/**
 * Documents of a client. Their bytes go to S3 and come from there by presigned URL. Each change writes its entry of the
 * client's activity.
 */
export function documentService({ documents, isClient, presigner, activity, source }: DocumentDeps) {
  const now = () => source.now().toISOString();
  const entryOf = documentActivity(activity);
  const presigned = presignedRequests(presigner);

  async function getDocumentOrThrow(
    { companyId }: Principal,
    client: ClientId,
    id: DocumentId,
  ): Promise<StoredDocument> {
    const document = await documents.document(companyId, client, id, source.now());
    if (!document) throw new Problem('not-found');
    return document;
  }

  /** Reads and writes a document; retries on a version conflict unless the caller named a version. */
  async function readAndWrite(
    principal: Principal,
    { client, id, ifMatch }: { client: ClientId; id: DocumentId; ifMatch: IfMatch },
    write: (present: StoredDocument, next: Pick<StoredDocument, 'updatedAt' | 'version'>) => Promise<StoredDocument>,
  ): Promise<StoredDocument> {
    return retryOnStaleVersion(ifMatch, async () => {
      const present = await getDocumentOrThrow(principal, client, id);
      if (ifMatch && !ifMatch.includes(present.version)) throw new Problem('stale-version');
      return write(present, { updatedAt: now(), version: present.version + 1 });
    });
  }

  async function uploadOf(
    { companyId }: Principal,
    { clientId, id, contentType, size, sha256 }: StoredDocument,
  ): Promise<Upload> {
    const key = objectKey({ company: companyId, client: clientId, id });
    return presigned.upload({ key, size, contentType, sha256 });
  }

  return {
    /**
     * Creates a pending document and presigns its upload. Two calls.
     * @throws Problem `not-found`, `validation` when it is larger than the company allows, `too-many-documents`
     */
    async createUpload(
      principal: Principal,
      clientId: ClientId,
      input: DocumentInput,
      commit: Commit<CreatedDocument>,
    ): Promise<CreatedDocument> {
      const { companyId } = principal;
      const maxSize = await documents.maxSize(companyId, clientId);
      if (maxSize === undefined) throw new Problem('not-found');
      if (input.size > maxSize) throw invalid(tooBig(maxSize));
      const at = source.now();
      const document: StoredDocument = {
        ...input,
        id: mintId(DocumentId, 'doc', source),
        clientId,
        status: 'pending',
        part: (source.random(1)[0] ?? 0) % COUNT_SHARDS,
        ttl: Math.floor(at.getTime() / 1000) + PENDING_SECONDS,
        createdAt: at.toISOString(),
        updatedAt: at.toISOString(),
        version: 1,
      };
      const created = { document: toDocument(document), upload: await uploadOf(principal, document) };
      const entry = entryOf(companyId, authorOf(principal), undefined, document);
      await documents.create(companyId, document, (writes) => commit([...writes, ...entry], created));
      return created;
    },

    /** What a creation would refuse about the right fields of a partly wrong input. One call. */
    async faultsOfCreation(
      { companyId }: Principal,
      clientId: ClientId,
      { size = 0 }: Partial<DocumentInput>,
    ): Promise<InputFault[]> {
      const maxSize = await documents.maxSize(companyId, clientId);
      return maxSize !== undefined && size > maxSize ? [tooBig(maxSize)] : [];
    },

    /** A page of documents, newest first. One call; one more if the page is empty. @throws Problem `not-found` */
    async list(
      { companyId }: Principal,
      clientId: ClientId,
      request: { filter: DocumentFilter; limit: number; after: Position | undefined },
    ) {
      const { documents: page, next } = await documents.page(companyId, clientId, { ...request, now: source.now() });
      // A client that does not exist has an empty list too.
      if (page.length === 0 && !(await isClient(companyId, clientId))) throw new Problem('not-found');
      return { documents: page.map(toDocument), next };
    },

    /** One call. @throws Problem `not-found` */
    read: async (principal: Principal, client: ClientId, id: DocumentId) =>
      toDocument(await getDocumentOrThrow(principal, client, id)),

    /**
     * Applies a merge patch to name and visibility. Two calls, one when nothing changes.
     * @throws Problem `not-found`, `validation`, `stale-version`
     */
    async change(principal: Principal, client: ClientId, id: DocumentId, patch: DocumentPatch, ifMatch: IfMatch) {
      const changed = await readAndWrite(principal, { client, id, ifMatch }, async (present, next) => {
        const { name, visibility } = present;
        const fields = validated(DocumentChange, mergePatch({ name, visibility }, patch));
        if (fields.name === name && fields.visibility === visibility) return present;
        const after = { ...present, ...fields, ...next };
        const entry = entryOf(principal.companyId, authorOf(principal), present, after);
        await documents.replace(principal.companyId, after, present.version, entry);
        return after;
      });
      return toDocument(changed);
    },

    /**
     * Hides a document at once; its bytes are removed in the background. Two calls.
     * @throws Problem `not-found`, `stale-version`
     */
    async remove(principal: Principal, client: ClientId, id: DocumentId, ifMatch: IfMatch): Promise<void> {
      await readAndWrite(principal, { client, id, ifMatch }, async (present, next) => {
        // The time to live is dropped, because DynamoDB must not remove the item before its objects are deleted.
        const { ttl: _ttl, ...lasting } = present;
        const after: StoredDocument = { ...lasting, ...next, status: 'deleting' };
        const entry = entryOf(principal.companyId, authorOf(principal), present, after);
        await documents.beginDeletion(principal.companyId, after, present.version, entry);
        return after;
      });
    },

    /**
     * Presigns a download for five minutes, as a file to save. One call.
     * @throws Problem `not-found`, `document-pending`
     */
    async download(principal: Principal, client: ClientId, id: DocumentId): Promise<Download> {
      const { name, contentType, status, versionId } = await getDocumentOrThrow(principal, client, id);
      if (status !== 'available' || versionId === undefined) throw new Problem('document-pending');
      return presigned.download({
        key: objectKey({ company: principal.companyId, client, id }),
        versionId,
        contentDisposition: attachmentHeader(name),
        contentType: safeContentType(contentType),
        cacheControl: 'private, no-store',
      });
    },
  };
}

const tooBig = (maxSize: number): InputFault => ({
  pointer: '/size',
  code: 'too-big',
  detail: `A document of this company may have at most ${maxSize} bytes.`,
});
