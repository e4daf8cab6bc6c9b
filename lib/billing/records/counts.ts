import type { ClientId, CompanyId } from '../../shared/ids.ts';
import { keys } from '../../table/keys.ts';
import { type Write, writes } from '../../table/transaction.ts';
import { type RecordCounts, recordCountsEntity } from './counts-schema.ts';

/** Makes the write that counts a record of a client, or takes one off. It belongs into the transaction of the record. */
export function recordCounter(tableName: string) {
  const on = writes(tableName);
  return (company: CompanyId, client: ClientId, kind: keyof RecordCounts, change: 1 | -1): Write =>
    on.update(keys.recordCounts(company, client), {
      UpdateExpression: 'SET #entity = :entity, schemaVersion = :version ADD #kind :change',
      ExpressionAttributeNames: { '#entity': 'entity', '#kind': kind },
      ExpressionAttributeValues: {
        ':entity': recordCountsEntity.name,
        ':version': recordCountsEntity.version,
        ':change': change,
      },
    });
}
