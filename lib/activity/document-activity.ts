import type { StoredDocument } from '../documents/schema.ts';
import { ActivityId, type ClientId, type CompanyId, idOfChange } from '../shared/ids.ts';
import type { Write } from '../table/transaction.ts';
import { changesBetween } from './diff.ts';
import type { ActivityAction, Author, Happened } from './schema.ts';

/** What makes an entry of a client's activity, as the wiring hands it in. */
export type ActivityWrites = (
  company: CompanyId,
  client: ClientId,
  entry: { id: ActivityId; at: string },
  happened: Happened,
) => Write[];

type DocumentAction = Extract<ActivityAction, `document.${string}`>;

/** What callers know of a document, but for what follows from its bytes; undefined of one that is deleted. */
function told({ name, contentType, size, visibility, status }: StoredDocument) {
  return status === 'deleting' ? undefined : { name, contentType, size, visibility };
}

function actionOf(before: StoredDocument | undefined, after: StoredDocument): DocumentAction {
  if (!before) return 'document.created';
  return after.status === 'deleting' ? 'document.deleted' : 'document.updated';
}

/**
 * The entry of what somebody did to a document, for that change's own transaction; before it came it is undefined. The id
 * follows from the version, so that a version has one entry, however often it is tried.
 */
export function documentActivity(activity: ActivityWrites) {
  return (company: CompanyId, by: Author, before: StoredDocument | undefined, after: StoredDocument): Write[] => {
    const { id, clientId, name, version, updatedAt: at } = after;
    const subject = { type: 'document', id, label: name } as const;
    const changes = changesBetween(before && told(before), told(after), []);
    const entry = { id: idOfChange(ActivityId, 'act', new Date(at), version, id), at };
    return activity(company, clientId, entry, { by, action: actionOf(before, after), subject, changes });
  };
}
