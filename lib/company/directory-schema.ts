import * as z from 'zod';
import { CompanyId } from '../shared/ids.ts';
import type { Entity } from '../table/entity.ts';

/** An entry of the directory of all companies. Only operators' commands read it. */
export const directoryEntity = {
  name: 'directory-entry',
  version: 1,
  schema: z.object({ companyId: CompanyId }),
} satisfies Entity;
