import type * as z from 'zod';
import { settingsEntity } from '../settings/schema.ts';
import { Problem } from '../shared/errors.ts';
import type { ClientId, CompanyId, DocumentId } from '../shared/ids.ts';
import type { Table } from '../table/client.ts';
import { asItem, readItem } from '../table/entity.ts';
import { keys, ranges } from '../table/keys.ts';
import { type Filter, getItem, getItems, type Position, queryPage } from '../table/query.ts';
import { transact, type Write, writes } from '../table/transaction.ts';
import type { DocumentPlace } from './object-key.ts';
import { type Document, documentCountEntity, documentEntity, MAX_DOCUMENTS, type StoredDocument } from './schema.ts';

/**
 * Parts that the count of a client's documents is spread over, each with its share of the limit. Fifty uploads at once on
 * one count would be in each other's way until some give up; on eight they are through within a second.
 */
export const COUNT_PARTS = 8;
const MAX_IN_PART = MAX_DOCUMENTS / COUNT_PARTS;

export interface DocumentFilter {
  visibility?: Document['visibility'] | undefined;
  status?: Document['status'] | undefined;
}

/** Documents of clients. What is being deleted, and what never came in time, is not there for anybody. */
export function documentRepository(table: Table) {
  const on = writes(table.name);

  const stands = (company: CompanyId, { clientId, id }: StoredDocument) => keys.document(company, clientId, id);

  function countUp(company: CompanyId, { clientId, part }: StoredDocument, refusal: Error): Write {
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
          ':most': MAX_IN_PART,
        },
      },
      () => refusal,
    );
  }

  function countDown(company: CompanyId, client: ClientId, part: number, refusal?: () => Error): Write {
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

  function replacement(company: CompanyId, after: StoredDocument, seen: number): Write {
    return on.replace(
      stands(company, after),
      asItem(documentEntity, after),
      seen,
      (standing) => new Problem(standing ? 'stale-version' : 'not-found'),
    );
  }

  /** The document in whatever state, strongly consistent. One call. */
  async function stored({ company, client, id }: DocumentPlace): Promise<StoredDocument | undefined> {
    const item = await getItem(table, keys.document(company, client, id), true);
    return item && readItem(documentEntity, item);
  }

  return {
    stored,

    /** Bytes that a document of the client may have; undefined where there is no such client. One call. */
    async maxSize(company: CompanyId, client: ClientId): Promise<number | undefined> {
      const [found, settings] = await getItems(table, [keys.client(company, client), keys.settings(company)], true);
      if (!found || !settings) return undefined;
      return readItem(settingsEntity, settings).documents.maxSize;
    },

    /** Creates and counts a document. One transaction; one more for each shard of the count that is full. */
    async create(
      company: CompanyId,
      document: StoredDocument,
      commit: (writes: readonly Write[]) => Promise<void>,
    ): Promise<void> {
      const full = new Problem('too-many-documents');
      for (let tried = 1; ; tried++) {
        const part = (document.part + tried) % COUNT_PARTS;
        const counted = { ...document, part };
        try {
          const creation = on.create(stands(company, counted), asItem(documentEntity, counted));
          await commit([creation, countUp(company, counted, full)]);
          return;
        } catch (error) {
          if (error !== full || tried === COUNT_PARTS) throw error;
        }
      }
    },

    /** The document that anybody may see; undefined where there is none. One call. */
    async document(
      company: CompanyId,
      client: ClientId,
      id: DocumentId,
      now: Date,
    ): Promise<StoredDocument | undefined> {
      const found = await stored({ company, client, id });
      return found && isThere(found, now) ? found : undefined;
    },

    /** A page of documents, newest first, strongly consistent. One Query; more where a filter leaves little. */
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

    /** Puts `after` over version `seen`. One call. @throws Problem `stale-version` or `not-found` */
    async replace(company: CompanyId, after: StoredDocument, seen: number, along: readonly Write[]): Promise<void> {
      await transact(table, [replacement(company, after, seen), ...along]);
    },

    /** Hides a document for good and counts it off; what is in the storage goes later. One transaction. */
    async beginDeletion(
      company: CompanyId,
      after: StoredDocument,
      seen: number,
      along: readonly Write[],
    ): Promise<void> {
      const { clientId, part } = after;
      await transact(table, [replacement(company, after, seen), countDown(company, clientId, part), ...along]);
    },

    /** Removes one that was being deleted and whose objects are gone. One transaction. */
    async endDeletion(company: CompanyId, document: StoredDocument, along: readonly Write[]): Promise<void> {
      const gone = () => new Problem('stale-version');
      await transact(table, [on.removeVersion(stands(company, document), document.version, gone), ...along]);
    },

    /**
     * Counts off a document that DynamoDB itself removed. `mark` is a write that can be made only once: the document is
     * counted off with it or not at all. One transaction. Answers whether this was the time.
     */
    async countOffOnce(place: DocumentPlace, part: number, mark: (refusal: () => Error) => Write): Promise<boolean> {
      const done = new Error('counted off already');
      try {
        await transact(table, [mark(() => done), countDown(place.company, place.client, part, () => done)]);
        return true;
      } catch (error) {
        if (error !== done) throw error;
        return false;
      }
    },
  };
}

export type DocumentRepository = ReturnType<typeof documentRepository>;

const seconds = (now: Date) => Math.floor(now.getTime() / 1000);

/** Whether a document is still there at that time: DynamoDB removes one that never came only later. */
export function isThere({ status, ttl }: z.output<typeof documentEntity.schema>, now: Date): boolean {
  return status !== 'deleting' && (ttl === undefined || ttl > seconds(now));
}

/** As `isThere`, for the database; with `readsPerMatch`, because almost all that it looks at is there. */
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
