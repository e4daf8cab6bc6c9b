import { differenceOf, type ObjectStorage } from '../aws/object-storage.ts';
import type { Arrival } from '../documents/receipt.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import type { systemLog } from '../system-log/repository.ts';
import { logoLogEntry } from './log.ts';
import { type LogoRef, parseLogoKey } from './object-key.ts';
import { inspectPicture } from './picture.ts';
import type { LogoRepository } from './repository.ts';
import type { AwaitedLogo, StoredLogo } from './schema.ts';

interface ReceiptDeps {
  logos: Pick<LogoRepository, 'getLogoAndUpload' | 'accept' | 'refuse'>;
  storage: Pick<ObjectStorage, 'getObject' | 'getBytes' | 'deleteVersion'>;
  log: Pick<ReturnType<typeof systemLog>, 'entry'>;
  source: Source;
}

/**
 * Makes the picture that has arrived the logo of its company, or gives it up. Deletes objects that nobody awaits. Events may
 * come late, twice and in any order.
 */
export function logoReceipt({ logos, storage, log, source }: ReceiptDeps) {
  /** The size of the picture in pixels, or why it is refused. Two calls. */
  async function inspect(awaited: AwaitedLogo, { key, versionId }: Arrival) {
    const difference = differenceOf(awaited, await storage.getObject(key, versionId));
    if (difference !== undefined) return { fault: difference };
    return inspectPicture(await storage.getBytes(key, versionId), awaited.contentType);
  }

  /** @throws Problem `stale-version` when another change was faster */
  async function accept(
    ref: LogoRef,
    { contentType, size }: AwaitedLogo,
    { versionId, at }: Arrival,
    { seen, width, height }: { seen: StoredLogo | undefined; width: number; height: number },
  ): Promise<void> {
    const now = source.now();
    const after: StoredLogo = {
      id: ref.id,
      picture: { contentType, size, width, height, versionId },
      updatedAt: now.toISOString(),
      version: (seen?.version ?? 0) + 1,
    };
    const detail = `The logo has arrived: ${width} × ${height} pixels, ${size} bytes.`;
    const entry = logoLogEntry(ref, { event: 'received', outcome: 'success', detail, at, discriminator: versionId });
    await logos.accept(ref.company, after, seen, now, log.entry(ref.company, null, entry));
  }

  /** @throws Problem `stale-version` when another change was faster */
  async function refuse(ref: LogoRef, { versionId, at }: Arrival, fault: string): Promise<void> {
    const detail = `The picture that was uploaded as the logo was refused: ${fault}.`;
    const entry = logoLogEntry(ref, { event: 'refused', outcome: 'failure', detail, at, discriminator: versionId });
    await logos.refuse(ref, source.now(), log.entry(ref.company, null, entry));
  }

  async function receiveOnce(ref: LogoRef, arrival: Arrival): Promise<void> {
    const { key, versionId } = arrival;
    const { logo, awaited } = await logos.getLogoAndUpload(ref, source.now());
    // The event is a duplicate.
    if (logo?.id === ref.id && logo.picture?.versionId === versionId) return;
    if (!awaited) return storage.deleteVersion(key, versionId);
    // The ids are in the order of the requests.
    if (logo && logo.id > ref.id) return refuse(ref, arrival, 'one that was requested later has arrived before');
    const inspection = await inspect(awaited, arrival);
    if ('fault' in inspection) return refuse(ref, arrival, inspection.fault);
    return accept(ref, awaited, arrival, { seen: logo, ...inspection });
  }

  return async (arrival: Arrival): Promise<void> => {
    const ref = parseLogoKey(arrival.key);
    if (!ref) return storage.deleteVersion(arrival.key, arrival.versionId);
    await retryOnStaleVersion(undefined, () => receiveOnce(ref, arrival));
  };
}
