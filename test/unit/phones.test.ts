import { describe, expect, it } from 'vitest';
import { defaultFax, normalizedPhones } from '../../lib/clients/phones.ts';
import { Phone } from '../../lib/clients/schema.ts';

const normalize = async (number: string, fields: Record<string, unknown> = {}) => {
  const [phone] = await normalizedPhones([Phone.parse({ kind: 'phone', number, ...fields })], 'DE');
  if (!phone) throw new Error('there is a phone');
  const { number: main, extension, e164 } = phone;
  return [main, extension, e164];
};

describe('phones', () => {
  it.each([
    ['+1 (212) 555-0123 ext 44', '+1 (212) 555-0123', '44', '+12125550123'],
    ['+1 (212) 555-0123 ext. 44', '+1 (212) 555-0123', '44', '+12125550123'],
    ['+1 212 555-0123ext44', '+1 212 555-0123', '44', '+12125550123'],
    ['+1 212 555-0123, extension 44', '+1 212 555-0123', '44', '+12125550123'],
    ['+1 212 555-0123x44', '+1 212 555-0123', '44', '+12125550123'],
    ['+1 212 555-0123 #44', '+1 212 555-0123', '44', '+12125550123'],
    ['030 901820 Durchwahl 12', '030 901820', '12', '+4930901820'],
    ['030 901820 (DW 12)', '030 901820 (DW 12)', null, null],
    ['+33 1 44 55 66 77 poste 008', '+33 1 44 55 66 77', '008', '+33144556677'],
    ['+44 20 7946 0001', '+44 20 7946 0001', null, '+442079460001'],
    ['030 901820-12', '030 901820-12', null, '+493090182012'],
    ['#31#', '#31#', null, null],
    ['0x1234', '0x1234', null, null],
    ['ext 44', 'ext 44', null, null],
  ])('%s has the number %s and the extension %s', async (written, number, extension, e164) => {
    expect(await normalize(written)).toEqual([number, extension, e164]);
  });

  it('an extension that is given stays, and so does the number', async () => {
    const written = '+1 212 555-0123 x44';
    expect(await normalize(written, { extension: '9' })).toEqual([written, '9', '+12125550123']);
  });

  it('normalizing again changes nothing', async () => {
    const once = await normalizedPhones([Phone.parse({ kind: 'fax', number: '+1 212 555-0123 x44' })], null);
    expect(await normalizedPhones(once, null)).toEqual(once);
  });

  it('the default fax is the first one', () => {
    const of = (...kinds: string[]) => kinds.map((kind, index) => Phone.parse({ kind, number: `${index}` }));
    expect(defaultFax(of('phone', 'fax', 'fax'))).toMatchObject({ kind: 'fax', number: '1' });
    expect(defaultFax(of('phone'))).toBeNull();
  });
});
