import * as z from 'zod';

/** The parameters of every list (spec 1). */
export const listQuery = {
  limit: z.coerce.number<string>().int().min(1).max(200).default(50).describe('How many at most on a page.'),
  cursor: z.string().min(1).max(4000).optional().describe('The nextCursor of the page before.'),
};

/** A page of a list: full, unless it is the last. */
export const pageOf = <S extends z.ZodType>(id: string, item: S) =>
  z.object({ data: z.array(item), nextCursor: z.string().nullable().describe('Null on the last page.') }).meta({ id });
