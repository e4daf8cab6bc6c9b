import * as z from 'zod';
import { Country } from './locale.ts';
import { line } from './text.ts';

export const Address = z
  .strictObject({
    attention: line(200).nullable().default(null).describe('Who the mail is for, such as a department.'),
    line1: line(200).nullable().default(null).describe('The first line: street and number.'),
    line2: line(200).nullable().default(null).describe('The second line, such as a building or a floor.'),
    city: line(100).nullable().default(null).describe('The city.'),
    state: line(100).nullable().default(null).describe('The state or province, by name or by its code of ISO 3166-2.'),
    postalCode: line(20).nullable().default(null).describe('The postal code.'),
    country: Country.nullable().default(null).describe('The country; null if it is unknown.'),
  })
  .meta({ id: 'Address', description: 'A postal address. Parts that are not known are null.' });
export type Address = z.output<typeof Address>;
