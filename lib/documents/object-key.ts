import { ClientId, CompanyId, DocumentId } from '../shared/ids.ts';

/** The ids that identify a document. */
export interface DocumentRef {
  company: CompanyId;
  client: ClientId;
  id: DocumentId;
}

/** The key of a document's object. It consists of ids, so that no listing or log of the bucket contains personal data. */
export function objectKey({ company, client, id }: DocumentRef): string {
  return `${company}/${client}/${id}`;
}

/** The ids in an object's key; undefined if it is not the key of a document. */
export function parseObjectKey(key: string): DocumentRef | undefined {
  const [first, second, third, ...rest] = key.split('/');
  const [company, client, id] = [CompanyId.safeParse(first), ClientId.safeParse(second), DocumentId.safeParse(third)];
  if (!company.success || !client.success || !id.success || rest.length > 0) return undefined;
  return { company: company.data, client: client.data, id: id.data };
}
