import { presigner } from '../../lib/aws/s3.ts';
import { logoReceipt } from '../../lib/logo/receipt.ts';
import { logoRemoval } from '../../lib/logo/removal.ts';
import { logoRepository } from '../../lib/logo/repository.ts';
import { LogoInput } from '../../lib/logo/schema.ts';
import { logoService } from '../../lib/logo/service.ts';
import type { LogoId } from '../../lib/shared/ids.ts';
import { ranges } from '../../lib/table/keys.ts';
import { queryAll } from '../../lib/table/query.ts';
import { committing } from '../../lib/table/transaction.ts';
import { arrivals, BUCKET, type DocumentWorld, put, sha256 } from './document-world.ts';
import { pngOf } from './pictures.ts';

/** The logo of a company, on the real engine and the local S3 of a world of documents. */
export function logoWorld(docs: DocumentWorld) {
  const { world, storage, log, s3, companyId } = docs;
  const { table, source } = world;
  const repository = logoRepository(table);
  const own = { logos: repository, storage };
  const logo = logoService({ logos: repository, presigner: async () => presigner(BUCKET, source, s3), source });

  /** Requests an upload and sends the bytes to its URL. The clock goes on, so that ids have the order of requests. */
  async function send(bytes = pngOf(100, 40), more: Record<string, unknown> = {}): Promise<LogoId> {
    source.at = new Date(source.at.getTime() + 1000);
    const described = { contentType: 'image/png', size: bytes.length, sha256: sha256(bytes), ...more };
    const { id, upload } = await logo.createUpload(companyId, LogoInput.parse(described), committing(table));
    const status = await put(upload, bytes);
    if (status !== 200) throw new Error(`the upload was answered ${status}`);
    return id;
  }

  const receipt = (parts = own) => logoReceipt({ ...parts, log, source });
  const removal = (parts = own) => logoRemoval({ ...parts, table, log });

  return {
    logo,
    repository,
    send,
    receipt,
    removal,
    /** Handles the events of the bucket since the last call. */
    async receive() {
      for (const arrival of arrivals(docs)) await receipt()(arrival);
    },
    /** The ids of logos whose bytes are to be removed, as the relay finds them. */
    async removals(): Promise<unknown[]> {
      const items = await queryAll(table, { ...ranges.settings(companyId), prefix: 'LOGO_REMOVAL#' });
      return items.map(({ id }) => id);
    },
    /** The entries of the company's system log, oldest first, with what each says. */
    async logged(): Promise<string[]> {
      const { entries } = await log.page(companyId, null, { filter: {}, limit: 200, after: undefined });
      return entries
        .filter(({ category }) => category === 'logo')
        .map(({ event, outcome, detail }) => `${event} ${outcome}: ${detail}`)
        .reverse();
    },
  };
}

export type LogoWorld = ReturnType<typeof logoWorld>;
