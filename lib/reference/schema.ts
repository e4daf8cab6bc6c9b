import * as z from 'zod';
import { faultCodes } from '../shared/faults.ts';

/** The languages that names are given in: those of the built-in mail texts. */
export const NAME_LANGUAGES = ['en', 'fr', 'de', 'es'] as const;

const Names = z
  .object({
    en: z.string().describe('In English.'),
    fr: z.string().describe('In French.'),
    de: z.string().describe('In German.'),
    es: z.string().describe('In Spanish.'),
  })
  .meta({ id: 'Names', description: 'The name in each of the four languages.' });
export type Names = z.infer<typeof Names>;

const listOf = <S extends z.ZodType>(id: string, entry: S) =>
  z.object({ data: z.array(entry).describe('All entries, ordered by code.') }).meta({ id });

export const Countries = listOf(
  'Countries',
  z.object({
    code: z
      .string()
      .describe('ISO 3166-1 alpha-2.')
      .meta({ examples: ['GB'] }),
    names: Names,
    hasSubdivisions: z.boolean().describe('Whether its states or provinces are listed.'),
  }),
);

export const Subdivisions = listOf(
  'Subdivisions',
  z.object({
    code: z
      .string()
      .describe('The part of ISO 3166-2 after the country. An address takes it, or the name, as its `state`.')
      .meta({ examples: ['CA'] }),
    name: z
      .string()
      .describe('The name in English.')
      .meta({ examples: ['California'] }),
  }),
);

export const Currencies = listOf(
  'Currencies',
  z.object({
    code: z
      .string()
      .describe('ISO 4217.')
      .meta({ examples: ['EUR'] }),
    names: Names,
    decimals: z.int().describe('Decimals of the minor unit: 2 for EUR, 0 for JPY, 3 for BHD.'),
  }),
);

export const Languages = listOf(
  'Languages',
  z.object({
    code: z
      .string()
      .describe('ISO 639-1. Other tags of BCP 47, such as `pt-BR`, are accepted as well.')
      .meta({ examples: ['fr'] }),
    names: Names,
    hasMailTexts: z.boolean().describe('Whether there are built-in texts of mails in this language.'),
  }),
);

export const Timezones = listOf(
  'Timezones',
  z.object({
    code: z
      .string()
      .describe('The name in the IANA database.')
      .meta({ examples: ['Europe/London'] }),
    names: Names,
  }),
);

export const Problems = z
  .object({
    problems: z
      .array(
        z.object({
          type: z
            .string()
            .describe('As in `type` of an error.')
            .meta({ examples: ['/problems/validation'] }),
          status: z.int().describe('The HTTP status.'),
          title: z.string().describe('What happened.'),
          detail: z.string().describe('The detail, unless an answer has a more exact one.'),
        }),
      )
      .describe('The kinds of errors.'),
    faults: z
      .array(
        z.object({
          code: z.enum(Object.keys(faultCodes)).describe('As in `errors[].code` of an error.'),
          detail: z.string().describe('What the code means. The detail in an answer says more.'),
        }),
      )
      .describe('The codes of single faults of an input.'),
  })
  .meta({ id: 'ProblemList' });
