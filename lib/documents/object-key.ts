import { ClientId, CompanyId, DocumentId } from '../shared/ids.ts';

/** Whose document an object is. */
export interface DocumentPlace {
  company: CompanyId;
  client: ClientId;
  id: DocumentId;
}

/** Where in the bucket a document is: ids, so that neither listings nor logs of the storage tell anything personal. */
export function objectKey({ company, client, id }: DocumentPlace): string {
  return `${company}/${client}/${id}`;
}

/** What an object's key says; undefined where it is no document's. */
export function placeOf(key: string): DocumentPlace | undefined {
  const [first, second, third, ...rest] = key.split('/');
  const [company, client, id] = [CompanyId.safeParse(first), ClientId.safeParse(second), DocumentId.safeParse(third)];
  if (!company.success || !client.success || !id.success || rest.length > 0) return undefined;
  return { company: company.data, client: client.data, id: id.data };
}
