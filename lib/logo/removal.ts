import { deleteAllVersions, type ObjectStorage } from '../aws/object-storage.ts';
import type { systemLog } from '../system-log/repository.ts';
import type { Table } from '../table/client.ts';
import { transact } from '../table/transaction.ts';
import { logoLogEntry } from './log.ts';
import { type LogoRef, logoKey } from './object-key.ts';
import type { LogoRepository } from './repository.ts';

interface RemovalDeps {
  table: Table;
  logos: Pick<LogoRepository, 'getRemoval' | 'endRemoval'>;
  storage: Pick<ObjectStorage, 'listVersions' | 'deleteVersion'>;
  log: Pick<ReturnType<typeof systemLog>, 'entry'>;
}

/**
 * Removes every version of the bytes of a logo that was refused, replaced or deleted. Can be repeated from its beginning.
 * @throws Error when S3 fails: the system log has a failure entry until a retry succeeds
 */
export function logoRemoval({ table, logos, storage, log }: RemovalDeps) {
  return async (ref: LogoRef): Promise<void> => {
    const removal = await logos.getRemoval(ref);
    if (!removal) return;
    // The same id in every attempt, so the entry ends up with the last outcome.
    const event = { event: 'removed', at: new Date(removal.createdAt) } as const;
    try {
      await deleteAllVersions(storage, logoKey(ref));
    } catch (error) {
      const detail = 'The bytes of an earlier logo could not be removed yet; this is retried.';
      const entry = logoLogEntry(ref, { ...event, outcome: 'failure', detail });
      await transact(table, [log.entry(ref.company, null, entry)]);
      throw error;
    }
    const detail = 'A picture that is not the logo was removed with every version of its bytes.';
    const entry = logoLogEntry(ref, { ...event, outcome: 'success', detail });
    await logos.endRemoval(ref, log.entry(ref.company, null, entry));
  };
}
