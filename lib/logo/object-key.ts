import { CompanyId, LogoId } from '../shared/ids.ts';

/** The keys of all logos begin with it, so that a function can have access to them alone: `infra/features.ts`. */
export const LOGO_PREFIX = 'logos/';

/** The ids that identify an uploaded logo. */
export interface LogoRef {
  company: CompanyId;
  id: LogoId;
}

/** The key of a logo's object. */
export function logoKey({ company, id }: LogoRef): string {
  return `${LOGO_PREFIX}${company}/${id}`;
}

/** The ids in an object's key; undefined if it is not the key of a logo. */
export function parseLogoKey(key: string): LogoRef | undefined {
  const [, first, second] = key.split('/');
  const [company, id] = [CompanyId.safeParse(first), LogoId.safeParse(second)];
  if (!company.success || !id.success) return undefined;
  const ref = { company: company.data, id: id.data };
  return logoKey(ref) === key ? ref : undefined;
}
