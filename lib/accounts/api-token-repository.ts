import type * as z from 'zod';
import { Problem } from '../shared/errors.ts';
import type { ApiTokenId, CompanyId, UserId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem, readItemIfAny } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { getItem, getItems, type Page, queryAll, queryPage } from '../table/query.ts';
import { type Write, writes } from '../table/transaction.ts';
import { deleteItem, updateItem } from '../table/write.ts';
import { type ApiToken, apiTokenEntity, companyEntity } from './schema.ts';

type StoredApiToken = z.output<typeof apiTokenEntity.schema>;

/** The API tokens of companies. */
export function apiTokenRepository(table: Table) {
  const on = writes(table.name);

  return {
    async apiToken(company: CompanyId, id: ApiTokenId): Promise<StoredApiToken | undefined> {
      return readItemIfAny(apiTokenEntity, await getItem(table, keys.apiToken(company, id), true));
    },

    /** An API token with the company. One call. */
    async apiTokenWithCompany(company: CompanyId, id: ApiTokenId) {
      const [token, owner] = await getItems(table, [keys.apiToken(company, id), keys.company(company)], true);
      return token && owner && { token: readItem(apiTokenEntity, token), company: readItem(companyEntity, owner) };
    },

    async apiTokens(
      company: CompanyId,
      limit: number,
      after?: Record<string, string>,
    ): Promise<Page & { tokens: ApiToken[] }> {
      const page = await queryPage(table, { range: ranges.apiTokens(company), limit, after });
      return { ...page, tokens: page.items.map((item) => readItem(apiTokenEntity, item)) };
    },

    /** All tokens that a user has made. One Query per MB of the company's tokens. */
    async apiTokensOf(company: CompanyId, maker: UserId): Promise<StoredApiToken[]> {
      const items = await queryAll(table, ranges.apiTokens(company));
      return items.map((item) => readItem(apiTokenEntity, item)).filter(({ createdBy }) => createdBy === maker);
    },

    /** The writes that create a token. They fail with `refusal` unless its maker is still active. */
    writesToCreateApiToken: (company: CompanyId, token: StoredApiToken, refusal: () => Error): Write[] => [
      on.create(keys.apiToken(company, token.id), asItem(apiTokenEntity, token)),
      on.require(
        keys.user(company, token.createdBy),
        {
          ConditionExpression: 'apiTokenGeneration = :generation AND #status = :active',
          ExpressionAttributeNames: { '#status': 'status' },
          ExpressionAttributeValues: { ':generation': token.generation, ':active': 'active' },
        },
        refusal,
      ),
    ],

    /** Renames a token that still has version `seen`. One call. @throws Problem `stale-version`, `not-found` */
    async renameApiToken(company: CompanyId, { id, name, version }: ApiToken, seen: number): Promise<void> {
      // Only these attributes: the token may be used for the first time today at this moment. An item of an earlier version
      // stays one; its migration keeps attributes that it has already.
      await updateItem(
        table,
        keys.apiToken(company, id),
        {
          UpdateExpression: 'SET #name = :name, #version = :version',
          ConditionExpression: 'attribute_exists(PK) AND (#version = :seen OR attribute_not_exists(#version))',
          ExpressionAttributeNames: { '#name': 'name', '#version': 'version' },
          ExpressionAttributeValues: {
            ':name': name,
            ':version': version,
            ':seen': seen,
          },
        },
        (existing) => new Problem(existing ? 'stale-version' : 'not-found'),
      );
    },

    /** Deletes a token. Returns whether it existed. One call. */
    async deleteApiToken(company: CompanyId, id: ApiTokenId): Promise<boolean> {
      return deleteItem(table, keys.apiToken(company, id), { ConditionExpression: 'attribute_exists(PK)' });
    },
  };
}
