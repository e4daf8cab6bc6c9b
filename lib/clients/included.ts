import type { ActivityLog } from '../activity/repository.ts';
import type { DocumentRepository } from '../documents/repository.ts';
import { toDocument } from '../documents/schema.ts';
import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { LinkRepository } from './user-links/repository.ts';

/** The most records of each kind that `include` adds to the profile. */
const PAGE_SIZE = 50;

interface IncludedDeps {
  activity: ActivityLog;
  documents: Pick<DocumentRepository, 'page'>;
  links: Pick<LinkRepository, 'users'>;
  source: Source;
}

/** Reads the first page of each kind in the comma-separated `include`. One call for each kind, two for users. */
export function includedRecords({ activity, documents, links, source }: IncludedDeps) {
  return async (company: CompanyId, client: ClientId, include: string | undefined) => {
    const kinds = new Set(include?.split(','));
    const request = { filter: {}, limit: PAGE_SIZE, after: undefined, now: source.now() };
    const [activityPage, documentPage, userPage] = await Promise.all([
      kinds.has('activity') && activity.page(company, client, { limit: PAGE_SIZE, after: undefined }),
      kinds.has('documents') && documents.page(company, client, request),
      kinds.has('users') && links.users(company, client, PAGE_SIZE, undefined),
    ]);
    return {
      ...(activityPage && { activity: activityPage.entries }),
      ...(documentPage && { documents: documentPage.documents.map(toDocument) }),
      ...(userPage && { users: userPage.users }),
    };
  };
}
