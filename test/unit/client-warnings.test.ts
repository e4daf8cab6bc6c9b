import { describe, expect, it } from 'vitest';
import { toE164 } from '../../lib/clients/phones.ts';
import { isSubdivision } from '../../lib/clients/subdivisions.ts';
import { vatWarning } from '../../lib/clients/vat.ts';
import { warningsOf } from '../../lib/clients/warnings.ts';

describe('a phone number in E.164', () => {
  it.each([
    ['+44 20 7946 0000', null, '+442079460000'],
    ['+44 (0)20 7946 0000', null, '+442079460000'],
    ['020 7946 0001', 'GB', '+442079460001'],
    ['0049 30 1234567', 'FR', '+49301234567'],
    ['(212) 555-0100', 'US', '+12125550100'],
    ['+1 555 010 0000', 'US', '+15550100000'],
    ['(555) 010-0000', 'US', null],
    ['+44 20 7946 0000 ext. 12', null, '+442079460000'],
    ['030 1234567', 'US', null],
    ['030 1234567', null, null],
    ['030 1234567', 'AQ', null],
    ['123', 'DE', null],
    ['call +44 20 7946 0000', null, null],
    ['1-800-FLOWERS', 'US', null],
  ])('%s from %s is %s', async (number, country, expected) => {
    expect(await toE164(number, country)).toBe(expected);
  });
});

describe('a VAT number', () => {
  it.each([
    ['GB 980 7806 84', null],
    ['XI980780684', null],
    ['980780684', 'GB'],
    ['EL094259216', null],
    ['GR094259216', null],
    ['094259216', 'GR'],
    ['CHE-107.787.577 IVA', null],
    ['107.787.577', 'CH'],
    ['DE136695976', 'FR'],
    ['136695976', 'DE'],
    ['NO923609016MVA', null],
    ['11.222.333/0001-81', 'BR'],
    ['12-3456789', 'US'],
    ['12-3456789', null],
  ])('%s of %s is accepted without a warning', (number, country) => {
    expect(vatWarning(number, country)).toBeUndefined();
  });

  it.each([
    ['GB123456789', null, 'vat-checksum'],
    ['DE136695977', null, 'vat-checksum'],
    ['136695977', 'DE', 'vat-checksum'],
    ['ESE12345678', null, 'vat-checksum'],
    ['DE12', null, 'vat-format'],
    ['hello', 'DE', 'vat-format'],
  ])('%s of %s is a %s', (number, country, code) => {
    expect(vatWarning(number, country)).toMatchObject({ pointer: '/vatNumber', code });
  });
});

describe('a state', () => {
  it.each([
    ['US', 'CA', true],
    ['US', 'us-ca', true],
    ['US', 'California', true],
    ['CA', 'Québec', true],
    ['AU', 'New South Wales', true],
    ['US', 'QC', false],
    ['AU', 'Queensland and more', false],
    ['GB', 'Kent', undefined],
  ])('in %s called %s is known: %s', (country, state, expected) => {
    expect(isSubdivision(country, state)).toBe(expected);
  });

  it('the warning about an unknown state has the pointer of its address', () => {
    const address = { attention: null, line1: null, line2: null, city: null, postalCode: null };
    const billingAddress = { ...address, country: 'US', state: 'Kent' };
    const shippingAddress = { ...address, country: 'CA', state: 'Kent' };
    const pointers = warningsOf({ vatNumber: null, billingAddress, shippingAddress }).map(({ pointer }) => pointer);
    expect(pointers).toEqual(['/billingAddress/state', '/shippingAddress/state']);
    expect(warningsOf({ vatNumber: null, billingAddress: null, shippingAddress: null })).toEqual([]);
  });
});
