import type * as z from 'zod';
import { directoryEntity } from '../company/directory-schema.ts';
import { groupNameGuard } from '../groups/name-guard.ts';
import { groupEntity, newGroup } from '../groups/schema.ts';
import { numberingEntity } from '../numbers/schema.ts';
import { settingsEntity } from '../settings/schema.ts';
import { mailbox } from '../shared/email.ts';
import { Problem } from '../shared/errors.ts';
import { type CompanyId, generalGroupId } from '../shared/ids.ts';
import type { ClientsModule } from '../shared/principal.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys } from '../table/keys.ts';
import { getItem } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { updateItem } from '../table/write.ts';
import {
  type Company,
  companyEntity,
  loginEntity,
  type StoredCompany,
  type StoredUser,
  slugEntity,
  userEntity,
} from './schema.ts';

interface NewCompany {
  company: StoredCompany;
  owner: StoredUser;
  passwordHash: string;
  settings: z.input<typeof settingsEntity.schema>;
  numbering: z.input<typeof numberingEntity.schema>;
}

/** The records of companies, and what a company begins with. */
export function companyRepository(table: Table) {
  const on = writes(table.name);

  return {
    /** The writes that create a company with its owner, settings, counter and General group. */
    writesToCreate({ company, owner, passwordHash, settings, numbering }: NewCompany): Write[] {
      const { id } = company;
      const general = { id: generalGroupId(id), name: 'General' };
      const { createdAt } = company;
      return [
        on.create(
          keys.slug(company.slug),
          asItem(slugEntity, { companyId: id }),
          () =>
            new Problem('slug-taken', {
              errors: [{ pointer: '/company/slug', code: 'taken', detail: 'Another company has this slug.' }],
            }),
        ),
        on.create(keys.company(id), asItem(companyEntity, company)),
        on.create(keys.directory(id), asItem(directoryEntity, { companyId: id })),
        on.create(keys.settings(id), asItem(settingsEntity, settings)),
        on.create(keys.numbering(id, 'client'), asItem(numberingEntity, numbering)),
        on.create(keys.group(id, general.id), asItem(groupEntity, newGroup({ ...general, settings: {}, createdAt }))),
        groupNameGuard(table.name).take(id, general),
        on.create(keys.user(id, owner.id), asItem(userEntity, owner)),
        on.create(keys.login(id, mailbox(owner.email)), asItem(loginEntity, { userId: owner.id, passwordHash })),
      ];
    },

    /** The id of the company with a slug; undefined if there is none. One call, eventually consistent. */
    async companyIdOf(slug: string): Promise<CompanyId | undefined> {
      const item = await getItem(table, keys.slug(slug));
      return item && readItem(slugEntity, item).companyId;
    },

    async company(id: CompanyId): Promise<StoredCompany> {
      const item = await getItem(table, keys.company(id), true);
      if (!item) throw new Problem('not-found');
      return readItem(companyEntity, item);
    },

    /** Sets name and country of a company that still has version `seen`. One call. @throws Problem `stale-version` */
    async changeCompany({ id, name, country, version, updatedAt }: Company, seen: number): Promise<void> {
      await updateItem(
        table,
        keys.company(id),
        {
          UpdateExpression: 'SET #name = :name, country = :country, #version = :version, updatedAt = :at',
          ConditionExpression: '#version = :seen',
          ExpressionAttributeNames: { '#name': 'name', '#version': 'version' },
          ExpressionAttributeValues: {
            ':name': name,
            ':country': country,
            ':version': version,
            ':at': updatedAt,
            ':seen': seen,
          },
        },
        () => new Problem('stale-version'),
      );
    },

    /** The write that records that the address of an owner is verified, if the company still has the version that was read. */
    writeToVerifyMail: ({ id, version }: StoredCompany, at: string): Write =>
      on.update(
        keys.company(id),
        {
          UpdateExpression: 'SET mailVerifiedAt = :at, updatedAt = :at, #version = :next',
          ConditionExpression: '#version = :seen',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':at': at, ':next': version + 1, ':seen': version },
        },
        () => new Problem('stale-version'),
      ),

    /** Sets the clients module if it still has version `seen`. One call. */
    async setClientsModule(company: CompanyId, module: ClientsModule, seen: number): Promise<void> {
      await updateItem(
        table,
        keys.company(company),
        {
          UpdateExpression: 'SET clientsModule = :module',
          ConditionExpression: 'clientsModule.#version = :seen',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':module': { ...module, version: seen + 1 }, ':seen': seen },
        },
        () => new Problem('stale-version'),
      );
    },
  };
}
