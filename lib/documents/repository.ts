import type * as z from 'zod';
import { settingsEntity } from '../settings/schema.ts';
import { Problem } from '../shared/errors.ts';
import type { ClientId, CompanyId, DocumentId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { type Filter, getItem, getItems, type Position, queryPage } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import type { DocumentRef } from './object-key.ts';
import { type Document, documentCountEntity, documentEntity, MAX_DOCUMENTS, type StoredDocument } from './schema.ts';

/**
 * The shards of the counter of a client's documents; each has its share of the limit. On a single counter, fifty
 * concurrent uploads would conflict until some give up. On eight shards they succeed within a second.
 */
export const COUNT_SHARDS = 8;
const MAX_IN_SHARD = MAX_DOCUMENTS / COUNT_SHARDS;

export interface DocumentFilter {
  visibility?: Document['visibility'] | undefined;
  status?: Document['status'] | undefined;
}

/** Documents of clients. A document that is being deleted or has expired is not visible. */
export function documentRepository(table: Table) {
  const on = writes(table.name);

  const keyOf = (company: CompanyId, { clientId, id }: StoredDocument) => keys.document(company, clientId, id);

  function incrementCount(company: CompanyId, { clientId, part }: StoredDocument, refusal: Error): Write {
    return on.update(
      keys.documentCount(company, clientId, part),
      {
        UpdateExpression: 'SET #entity = :entity, schemaVersion = :schemaVersion ADD documents :one',
        ConditionExpression: 'attribute_not_exists(documents) OR documents < :most',
        ExpressionAttributeNames: { '#entity': 'entity' },
        ExpressionAttributeValues: {
          ':entity': documentCountEntity.name,
          ':schemaVersion': documentCountEntity.version,
          ':one': 1,
          ':most': MAX_IN_SHARD,
        },
      },
      () => refusal,
    );
  }

  function decrementCount(company: CompanyId, client: ClientId, part: number, refusal?: () => Error): Write {
    return on.update(
      keys.documentCount(company, client, part),
      {
        UpdateExpression: 'ADD documents :less',
        ConditionExpression: 'documents > :none',
        ExpressionAttributeValues: { ':less': -1, ':none': 0 },
      },
      refusal,
    );
  }

  function replacement(company: CompanyId, after: StoredDocument, expectedVersion: number): Write {
    return on.replace(
      keyOf(company, after),
      asItem(documentEntity, after),
      expectedVersion,
      (existing) => new Problem(existing ? 'stale-version' : 'not-found'),
    );
  }

  /** The document in any state, strongly consistent. One call. */
  async function getStored({ company, client, id }: DocumentRef): Promise<StoredDocument | undefined> {
    const item = await getItem(table, keys.document(company, client, id), true);
    return item && readItem(documentEntity, item);
  }

  return {
    getStored,

    /** The most bytes that a document may have; undefined if the client does not exist. One call. */
    async maxSize(company: CompanyId, client: ClientId): Promise<number | undefined> {
      const [existing, settings] = await getItems(table, [keys.client(company, client), keys.settings(company)], true);
      if (!existing || !settings) return undefined;
      return readItem(settingsEntity, settings).documents.maxSize;
    },

    /**
     * Creates and counts a document. One transaction; one more for each full shard of the counter.
     * @throws Problem `too-many-documents`
     */
    async create(
      company: CompanyId,
      document: StoredDocument,
      commit: (writes: readonly Write[]) => Promise<void>,
    ): Promise<void> {
      const full = new Problem('too-many-documents');
      for (let attempt = 1; ; attempt++) {
        const part = (document.part + attempt) % COUNT_SHARDS;
        const inShard = { ...document, part };
        try {
          const creation = on.create(keyOf(company, inShard), asItem(documentEntity, inShard));
          await commit([creation, incrementCount(company, inShard, full)]);
          return;
        } catch (error) {
          if (error !== full || attempt === COUNT_SHARDS) throw error;
        }
      }
    },

    /** The document if it exists and is visible. One call. */
    async document(
      company: CompanyId,
      client: ClientId,
      id: DocumentId,
      now: Date,
    ): Promise<StoredDocument | undefined> {
      const document = await getStored({ company, client, id });
      return document && isVisible(document, now) ? document : undefined;
    },

    /** A page of documents, newest first, strongly consistent. One Query; more if a filter leaves few. */
    async page(
      company: CompanyId,
      client: ClientId,
      request: { filter: DocumentFilter; limit: number; after: Position | undefined; now: Date },
    ): Promise<{ documents: StoredDocument[]; next: Position | undefined }> {
      const page = await queryPage(table, {
        range: ranges.documents(company, client),
        limit: request.limit,
        after: request.after,
        descending: true,
        consistent: true,
        filter: filterOf(request.filter, request.now),
      });
      return { documents: page.items.map((item) => readItem(documentEntity, item)), next: page.next };
    },

    /**
     * Replaces a document that has the expected version. One transaction.
     * @throws Problem `stale-version` or `not-found`
     */
    async replace(
      company: CompanyId,
      after: StoredDocument,
      expectedVersion: number,
      extraWrites: readonly Write[],
    ): Promise<void> {
      await transact(table, [replacement(company, after, expectedVersion), ...extraWrites]);
    },

    /** Hides a document and decrements the count. Its objects are deleted later. One transaction. */
    async beginDeletion(
      company: CompanyId,
      after: StoredDocument,
      expectedVersion: number,
      extraWrites: readonly Write[],
    ): Promise<void> {
      const { clientId, part } = after;
      await transact(table, [
        replacement(company, after, expectedVersion),
        decrementCount(company, clientId, part),
        ...extraWrites,
      ]);
    },

    /**
     * Removes a document that is being deleted, once its objects are gone. One transaction.
     * @throws Problem `stale-version`
     */
    async endDeletion(company: CompanyId, document: StoredDocument, extraWrites: readonly Write[]): Promise<void> {
      const conflict = () => new Problem('stale-version');
      await transact(table, [on.removeVersion(keyOf(company, document), document.version, conflict), ...extraWrites]);
    },

    /**
     * Decrements the count for a document that DynamoDB removed at the end of its time to live. `mark` returns a write
     * that succeeds only once, so the count is decremented only once. One transaction. Returns whether this call did
     * it.
     */
    async decrementCountOnce(ref: DocumentRef, part: number, mark: (refusal: () => Error) => Write): Promise<boolean> {
      const repeated = new Error('the count was decremented already');
      try {
        await transact(table, [mark(() => repeated), decrementCount(ref.company, ref.client, part, () => repeated)]);
        return true;
      } catch (error) {
        if (error !== repeated) throw error;
        return false;
      }
    },
  };
}

export type DocumentRepository = ReturnType<typeof documentRepository>;

const seconds = (now: Date) => Math.floor(now.getTime() / 1000);

/** Whether a document is visible at that time. DynamoDB removes an expired item only some time after its time to live. */
export function isVisible({ status, ttl }: z.output<typeof documentEntity.schema>, now: Date): boolean {
  return status !== 'deleting' && (ttl === undefined || ttl > seconds(now));
}

/**
 * `isVisible` as a filter of a Query. Without further conditions almost every item matches, which `readsPerMatch` says.
 */
function filterOf({ visibility, status }: DocumentFilter, now: Date): Filter {
  const conditions = [
    status === undefined ? '#status <> :deleting' : '#status = :status',
    '(attribute_not_exists(#ttl) OR #ttl > :now)',
    ...(visibility === undefined ? [] : ['visibility = :visibility']),
  ];
  return {
    expression: conditions.join(' AND '),
    ExpressionAttributeNames: { '#status': 'status', '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ...(status === undefined ? { ':deleting': 'deleting' } : { ':status': status }),
      ':now': seconds(now),
      ...(visibility !== undefined && { ':visibility': visibility }),
    },
    ...(status === undefined && visibility === undefined && { readsPerMatch: 1 }),
  };
}
