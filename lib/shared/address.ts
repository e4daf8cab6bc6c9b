import * as z from 'zod';
import { Country } from './locale.ts';
import { line } from './text.ts';

export const Address = z
  .strictObject({
    attention: line(200).nullable().default(null),
    line1: line(200).nullable().default(null),
    line2: line(200).nullable().default(null),
    city: line(100).nullable().default(null),
    state: line(100).nullable().default(null),
    postalCode: line(20).nullable().default(null),
    country: Country.nullable().default(null),
  })
  .meta({ id: 'Address' });
export type Address = z.output<typeof Address>;
