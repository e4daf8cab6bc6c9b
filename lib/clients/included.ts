import type { ActivityLog } from '../activity/repository.ts';
import type { DocumentRepository } from '../documents/repository.ts';
import { shownDocument } from '../documents/schema.ts';
import type { ClientId, CompanyId } from '../shared/ids.ts';
import type { Source } from '../shared/source.ts';
import type { LinkRepository } from './user-links/repository.ts';

/** Records of each kind that `include` adds to the profile. */
const INCLUDED = 50;

interface IncludedDeps {
  activity: ActivityLog;
  documents: Pick<DocumentRepository, 'page'>;
  links: Pick<LinkRepository, 'users'>;
  source: Source;
}

/** Reads the first page of what `include` names, comma-separated. One call for each kind; users take two. */
export function includedRecords({ activity, documents, links, source }: IncludedDeps) {
  return async (company: CompanyId, client: ClientId, include: string | undefined) => {
    const wanted = new Set(include?.split(','));
    const request = { filter: {}, limit: INCLUDED, after: undefined, now: source.now() };
    const [entries, page, linked] = await Promise.all([
      wanted.has('activity') && activity.page(company, client, INCLUDED, undefined),
      wanted.has('documents') && documents.page(company, client, request),
      wanted.has('users') && links.users(company, client, INCLUDED, undefined),
    ]);
    return {
      ...(entries && { activity: entries.entries }),
      ...(page && { documents: page.documents.map(shownDocument) }),
      ...(linked && { users: linked.users }),
    };
  };
}
