import { Problem } from '../shared/errors.ts';
import type { CompanyId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItemIfAny } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem, getItems } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import type { LogoRef } from './object-key.ts';
import { type AwaitedLogo, logoEntity, logoRemovalEntity, logoUploadEntity, type StoredLogo } from './schema.ts';

/** The logos of companies, the uploads that are awaited, and the objects that are to be removed. */
export function logoRepository(table: Table) {
  const on = writes(table.name);
  const conflict = () => new Problem('stale-version');

  const store = (company: CompanyId, logo: StoredLogo, seen: StoredLogo | undefined): Write =>
    seen
      ? on.replace(keys.logo(company), asItem(logoEntity, logo), seen.version, conflict)
      : on.create(keys.logo(company), asItem(logoEntity, logo), conflict);

  const endWait = ({ company, id }: LogoRef): Write => on.removeExisting(keys.logoUpload(company, id), conflict);

  /** The relay tells `functions/deletions` of it. */
  const requestRemoval = ({ company, id }: LogoRef, at: Date): Write =>
    on.put(keys.logoRemoval(company, id), asItem(logoRemovalEntity, { id, createdAt: at.toISOString() }));

  /** The removal of the logo that another one replaces, if it has not been deleted before. */
  const removalOf = (company: CompanyId, logo: StoredLogo | undefined, at: Date): Write[] =>
    logo?.picture ? [requestRemoval({ company, id: logo.id }, at)] : [];

  return {
    /** The logo, or what is left of a deleted one, strongly consistent. One call. */
    async getLogo(company: CompanyId): Promise<StoredLogo | undefined> {
      return readItemIfAny(logoEntity, await getItem(table, keys.logo(company), true));
    },

    /** The logo, and the upload if it is still awaited, strongly consistent. One call. */
    async getLogoAndUpload({ company, id }: LogoRef, now: Date) {
      const [logo, upload] = await getItems(table, [keys.logo(company), keys.logoUpload(company, id)], true);
      const awaited = readItemIfAny(logoUploadEntity, upload);
      // DynamoDB removes an item only some time after its time to live.
      const isAwaited = awaited && awaited.ttl > now.getTime() / 1000;
      return { logo: readItemIfAny(logoEntity, logo), awaited: isAwaited ? awaited : undefined };
    },

    /** The write after which an upload is awaited. */
    writeToAwait: (company: CompanyId, upload: AwaitedLogo): Write =>
      on.create(keys.logoUpload(company, upload.id), asItem(logoUploadEntity, upload)),

    /**
     * Makes an upload the logo, and requests the removal of the earlier one. One transaction.
     * @throws Problem `stale-version` when another change was faster
     */
    async accept(company: CompanyId, logo: StoredLogo, seen: StoredLogo | undefined, at: Date, entry: Write) {
      const ref = { company, id: logo.id };
      await transact(table, [store(company, logo, seen), endWait(ref), ...removalOf(company, seen, at), entry]);
    },

    /** Gives up an upload, and requests the removal of its object. One transaction. @throws Problem `stale-version` */
    async refuse(ref: LogoRef, at: Date, entry: Write) {
      await transact(table, [endWait(ref), requestRemoval(ref, at), entry]);
    },

    /** Leaves a company without a logo. One transaction. @throws Problem `stale-version` */
    async clear(company: CompanyId, cleared: StoredLogo, seen: StoredLogo, at: Date) {
      await transact(table, [store(company, cleared, seen), ...removalOf(company, seen, at)]);
    },

    /** When the removal of an object was requested; undefined once it is done. One call. */
    async getRemoval({ company, id }: LogoRef) {
      return readItemIfAny(logoRemovalEntity, await getItem(table, keys.logoRemoval(company, id), true));
    },

    /** Ends a removal. One transaction. */
    async endRemoval({ company, id }: LogoRef, entry: Write) {
      await transact(table, [on.remove(keys.logoRemoval(company, id)), entry]);
    },
  };
}

export type LogoRepository = ReturnType<typeof logoRepository>;
