import type { StoredDocument } from '../documents/schema.ts';
import { ActivityId, type CompanyId, idOfChange } from '../shared/ids.ts';
import type { Write } from '../table/transaction.ts';
import { changesBetween } from './diff.ts';
import type { ActivityAction, Author } from './schema.ts';
import type { ActivityWrites } from './writes.ts';

type DocumentAction = Extract<ActivityAction, `document.${string}`>;

/** The fields of a document that the activity records; undefined for a document that is being deleted. */
function auditedFields({ name, contentType, size, visibility, status }: StoredDocument) {
  return status === 'deleting' ? undefined : { name, contentType, size, visibility };
}

function actionOf(before: StoredDocument | undefined, after: StoredDocument): DocumentAction {
  if (!before) return 'document.created';
  return after.status === 'deleting' ? 'document.deleted' : 'document.updated';
}

/**
 * The entry of a change of a document, for the transaction of that change. `before` is undefined for a new document. The id
 * follows from the version, so that retries of a change make one entry.
 */
export function documentActivity(activity: ActivityWrites) {
  return (company: CompanyId, by: Author, before: StoredDocument | undefined, after: StoredDocument): Write[] => {
    const { id, clientId, name, version, updatedAt: at } = after;
    const subject = { type: 'document', id, label: name } as const;
    const changes = changesBetween(before && auditedFields(before), auditedFields(after), []);
    const entry = { id: idOfChange(ActivityId, 'act', new Date(at), version, id), at };
    return activity(company, clientId, entry, { by, action: actionOf(before, after), subject, changes });
  };
}
