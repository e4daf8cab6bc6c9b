import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import type { ServiceEvent } from '../../infra/local/events/event-bus.ts';
import { type S3Endpoint, startS3 } from '../../infra/local/s3/s3.ts';
import { activityWrites } from '../../lib/activity/writes.ts';
import { type ObjectStorage, objectStorage } from '../../lib/aws/object-storage.ts';
import { openS3, presigner } from '../../lib/aws/s3.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { documentReceipt } from '../../lib/documents/receipt.ts';
import { documentRemoval } from '../../lib/documents/removal.ts';
import { type DocumentRepository, documentRepository } from '../../lib/documents/repository.ts';
import { type CreatedDocument, DocumentInput, type Upload } from '../../lib/documents/schema.ts';
import { documentService } from '../../lib/documents/service.ts';
import type { ClientId, CompanyId } from '../../lib/shared/ids.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import { type ClientWorld, clientWorld, newClient } from './client-world.ts';
import { testSource } from './table.ts';

export const BUCKET = 'documents';
const REGION = 'eu-west-1';
const everything = { effect: 'Allow', actions: ['s3:*'], resources: ['*'] } as const;

export interface DocumentWorld {
  world: ClientWorld;
  companyId: CompanyId;
  documents: ReturnType<typeof documentService>;
  repository: DocumentRepository;
  storage: ObjectStorage;
  s3: S3Client;
  log: ReturnType<typeof systemLog>;
  /** Events of the bucket since the last delivery. */
  events: ServiceEvent[];
  /** The base URL of the objects. */
  bucketUrl: string;
  /** The services of functions/document-received and functions/deletions, optionally with wrapped parts. */
  receipt(parts?: Parts): ReturnType<typeof documentReceipt>;
  removal(parts?: Parts): ReturnType<typeof documentRemoval>;
  stop(): Promise<void>;
}

interface Parts {
  documents: DocumentRepository;
  storage: ObjectStorage;
}

/** The document services on the real engine and on the local S3, which has the clock of the test. */
export async function documentWorld(table: Table): Promise<DocumentWorld> {
  const source = testSource(new Date().toISOString());
  const world = await clientWorld(table, source);
  const folder = mkdtempSync(join(tmpdir(), 'clientele-documents-'));
  const events: ServiceEvent[] = [];
  const credentials = { accessKey: `AKIA${randomUUID()}`, secretKey: 'a secret' };
  const endpoint: S3Endpoint = await startS3({
    folder: join(folder, 's3'),
    place: { partition: 'aws', region: REGION, account: '000000000000', stack: 'Test' },
    buckets: [{ name: BUCKET, arn: `arn:aws:s3:::${BUCKET}`, sendsEvents: true, cors: [] }],
    callers: [
      {
        name: 'test',
        ...credentials,
        statements: [
          {
            ...everything,
            actions: [...everything.actions],
            notActions: [],
            resources: [...everything.resources],
            notResources: [],
            conditions: [],
          },
        ],
      },
    ],
    publish: (event) => void events.push(event),
    now: () => source.now(),
  });
  Object.assign(process.env, {
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: credentials.accessKey,
    AWS_SECRET_ACCESS_KEY: credentials.secretKey,
    AWS_ENDPOINT_URL_S3: endpoint.url,
  });
  const s3 = openS3();
  // The client signs its calls by the system's clock, but this S3 checks them by the test's.
  Object.defineProperty(s3.config, 'systemClockOffset', {
    get: () => source.at.getTime() - Date.now(),
    set: () => undefined,
  });
  const repository = documentRepository(table);
  const storage = objectStorage(s3, BUCKET);
  const log = systemLog(table);
  const own = { documents: repository, storage };
  return {
    world,
    companyId: world.principal.companyId,
    documents: documentService({
      documents: repository,
      isClient: clientExistence(table),
      presigner: async () => presigner(BUCKET, source, s3),
      activity: activityWrites(table.name),
      source,
    }),
    repository,
    storage,
    s3,
    log,
    events,
    bucketUrl: `${endpoint.url}/${BUCKET}`,
    receipt: (parts = own) => documentReceipt({ ...parts, log, source }),
    removal: (parts = own) => documentRemoval({ ...parts, table, log }),
    async stop() {
      await endpoint.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const createTestClient = async ({ world }: DocumentWorld): Promise<ClientId> =>
  (await newClient(world, { name: 'A client' })).id;

export const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

export function createUpload(
  { documents, world }: DocumentWorld,
  client: ClientId,
  bytes: string,
  more: Record<string, unknown> = {},
): Promise<CreatedDocument> {
  const input = DocumentInput.parse({
    name: 'Contract.pdf',
    contentType: 'application/pdf',
    size: Buffer.byteLength(bytes),
    sha256: sha256(bytes),
    ...more,
  });
  return documents.createUpload(world.principal, client, input, committing(world.table));
}

/** Uploads bytes, with the changes in `init` to the request. Returns the status. */
export async function put(
  upload: Pick<Upload, 'url' | 'headers'>,
  body: string | Uint8Array<ArrayBuffer>,
  init: RequestInit = {},
) {
  const response = await fetch(upload.url, { method: 'PUT', headers: upload.headers, body, ...init });
  await response.text();
  return response.status;
}

/** The arrivals in the events since the last call, as functions/document-received reads them. */
export function arrivals({ events }: DocumentWorld) {
  return events.splice(0).flatMap(({ detailType, detail, time }) => {
    const object: Record<string, unknown> = Object(Object(detail).object);
    return detailType === 'Object Created'
      ? [{ key: String(object.key), versionId: String(object['version-id']), at: time }]
      : [];
  });
}

/** Creates a document, uploads its bytes and handles their arrival. */
export async function uploadDocument(docs: DocumentWorld, client: ClientId, bytes = 'some bytes', more = {}) {
  const { document, upload } = await createUpload(docs, client, bytes, more);
  const status = await put(upload, bytes);
  if (status !== 200) throw new Error(`the upload was answered ${status}`);
  for (const arrival of arrivals(docs)) await docs.receipt()(arrival);
  return docs.documents.read(docs.world.principal, client, document.id);
}
