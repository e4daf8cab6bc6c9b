import { S3Client } from '@aws-sdk/client-s3';
import { activityWrites } from '../../lib/activity/writes.ts';
import { presigner } from '../../lib/aws/s3.ts';
import { clientExistence } from '../../lib/clients/existence.ts';
import { ClientInput } from '../../lib/clients/schema.ts';
import type { ClientService } from '../../lib/clients/service.ts';
import { objectKey } from '../../lib/documents/object-key.ts';
import { documentReceipt } from '../../lib/documents/receipt.ts';
import { documentRemoval } from '../../lib/documents/removal.ts';
import { documentRepository } from '../../lib/documents/repository.ts';
import { DocumentInput } from '../../lib/documents/schema.ts';
import { documentService } from '../../lib/documents/service.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import type { Source } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { keys } from '../../lib/table/keys.ts';
import { committing } from '../../lib/table/transaction.ts';
import { deleteItem } from '../../lib/table/write.ts';
import type { Measure } from '../support/calls.ts';

interface Company {
  table: Table;
  source: Source;
  principal: Principal;
  clients: ClientService;
}

/** Measures documents and the system log. Calls of S3 are not measured. */
export async function measureDocuments(measure: Measure, company: Company): Promise<void> {
  const { table, source, principal, clients } = company;
  const { companyId } = principal;
  const { id: client } = await clients.create(principal, ClientInput.parse({ name: 'G' }), committing(table));
  const repository = documentRepository(table);
  const log = systemLog(table);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ region: 'eu-west-1', credentials });
  const documents = documentService({
    documents: repository,
    isClient: clientExistence(table),
    presigner: async () => presigner('documents', source, s3),
    activity: activityWrites(table.name),
    source,
  });
  const sha256 = '0'.repeat(64);
  const input = DocumentInput.parse({ name: 'A.pdf', contentType: 'application/pdf', size: 1, sha256 });
  const storage = {
    getObject: async () => ({ size: 1, contentType: 'application/pdf', sha256 }),
    listVersions: async () => [],
    deleteVersion: async () => undefined,
  };
  const receive = documentReceipt({ documents: repository, storage, log, source });
  const removal = documentRemoval({ table, documents: repository, storage, log });

  const { document } = await measure('createDocument', () =>
    documents.createUpload(principal, client, input, committing(table)),
  );
  const { id } = document;
  const place = { company: companyId, client, id };
  await measure('receiveDocument', () => receive({ key: objectKey(place), versionId: 'v', at: source.now() }));
  const everything = { filter: {}, limit: 50, after: undefined };
  await measure('listDocuments', () => documents.list(principal, client, everything));
  await measure('getDocument', () => documents.read(principal, client, id));
  await measure('changeDocument', () => documents.change(principal, client, id, { name: 'B.pdf' }, undefined));
  await measure('downloadDocument', () => documents.download(principal, client, id));
  await measure('deleteDocument', () => documents.remove(principal, client, id, undefined));
  await measure('finishDocument', () => removal.finish(place));

  const { document: late } = await documents.createUpload(principal, client, input, committing(table));
  const stored = await repository.getStored({ ...place, id: late.id });
  await deleteItem(table, keys.document(companyId, client, late.id));
  await measure('expireDocument', () =>
    removal.expire({ ...place, id: late.id }, { part: stored?.part ?? 0, ttl: stored?.ttl ?? 0 }),
  );
  await measure('listSystemLogs', () => log.page(companyId, client, everything));
}
