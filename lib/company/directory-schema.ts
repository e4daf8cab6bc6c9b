import * as z from 'zod';
import { CompanyId } from '../shared/ids.ts';
import type { Entity } from '../table/entity.ts';

/** A company in the directory of all companies, which nothing but operators' work reads. */
export const directoryEntity = {
  name: 'directory-entry',
  version: 1,
  schema: z.object({ companyId: CompanyId }),
} satisfies Entity<z.ZodType>;
