import { S3Client } from '@aws-sdk/client-s3';
import { presigner } from '../../lib/aws/s3.ts';
import { logoKey } from '../../lib/logo/object-key.ts';
import { logoReceipt } from '../../lib/logo/receipt.ts';
import { logoRemoval } from '../../lib/logo/removal.ts';
import { logoRepository } from '../../lib/logo/repository.ts';
import type { LogoInput } from '../../lib/logo/schema.ts';
import { logoService } from '../../lib/logo/service.ts';
import type { CompanyId } from '../../lib/shared/ids.ts';
import type { Source } from '../../lib/shared/source.ts';
import { systemLog } from '../../lib/system-log/repository.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing } from '../../lib/table/transaction.ts';
import type { Measure } from '../support/calls.ts';
import { pngOf } from '../support/pictures.ts';

/** Measures the logo of a company. Calls of S3 are not measured. */
export async function measureLogo(
  measure: Measure,
  { table, source, companyId }: { table: Table; source: Source; companyId: CompanyId },
): Promise<void> {
  const bytes = pngOf(100, 40);
  const input: LogoInput = { contentType: 'image/png', size: bytes.length, sha256: '0'.repeat(64) };
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const s3 = new S3Client({ region: 'eu-west-1', credentials });
  const storage = {
    getObject: async () => input,
    getBytes: async () => bytes,
    listVersions: async () => [],
    deleteVersion: async () => undefined,
  };
  const logos = logoRepository(table);
  const log = systemLog(table);
  const logo = logoService({ logos, presigner: async () => presigner('documents', source, s3), source });
  const receive = logoReceipt({ logos, storage, log, source });
  const removal = logoRemoval({ table, logos, storage, log });

  const { id } = await measure('createLogoUpload', () => logo.createUpload(companyId, input, committing(table)));
  const ref = { company: companyId, id };
  await measure('receiveLogo', () => receive({ key: logoKey(ref), versionId: 'v', at: source.now() }));
  await measure('getLogo', () => logo.read(companyId));
  await measure('deleteLogo', () => logo.remove(companyId, undefined));
  await measure('finishLogo', () => removal(ref));
}
