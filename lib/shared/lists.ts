import * as z from 'zod';
import { line } from './text.ts';

/** The words to search for. */
export const searchText = line(200).meta({ examples: ['ada byron'] });

/** The parameter of lists that are searched by the beginnings of words. */
export const searchQuery = {
  q: searchText
    .optional()
    .describe('Each of these words must be the beginning of a word of the record, regardless of case and accents.'),
};

/** The query parameters of every list. */
export const listQuery = {
  limit: z.coerce
    .number<string>()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .describe('The maximum number of entries on a page.'),
  cursor: z.string().min(1).max(4000).optional().describe('The `nextCursor` of the previous page.'),
};

/** A page of a list. A filtered page may be short, even empty, and still have a next page. */
export const pageOf = <S extends z.ZodType>(id: string, item: S) =>
  z
    .object({
      data: z.array(item).describe('The entries of this page.'),
      nextCursor: z.string().nullable().describe('The cursor of the next page; null on the last page.'),
    })
    .meta({ id });
