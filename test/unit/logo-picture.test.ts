import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logoKey, parseLogoKey } from '../../lib/logo/object-key.ts';
import { inspectPicture } from '../../lib/logo/picture.ts';
import { CompanyId, LogoId } from '../../lib/shared/ids.ts';
import { jpegOf, pngOf } from '../support/pictures.ts';

const PNG = 'image/png';
const JPEG = 'image/jpeg';

describe('a picture for a logo', () => {
  it('is a PNG or a JPEG with its size, each side from 16 to 2000 pixels', () => {
    for (const [width, height] of [
      [16, 16],
      [2000, 16],
      [480, 2000],
    ] as const) {
      expect(inspectPicture(pngOf(width, height), PNG)).toEqual({ width, height });
      expect(inspectPicture(jpegOf(width, height), JPEG)).toEqual({ width, height });
    }
    const demo = readFileSync(new URL('../../infra/local/cli/demo-logo.png', import.meta.url));
    expect(inspectPicture(demo, PNG)).toEqual({ width: 480, height: 112 });
  });

  it('may have bytes after its end', () => {
    const more = Buffer.from('more');
    expect(inspectPicture(Buffer.concat([pngOf(20, 20), more]), PNG)).toEqual({ width: 20, height: 20 });
    expect(inspectPicture(Buffer.concat([jpegOf(20, 20), more]), JPEG)).toEqual({ width: 20, height: 20 });
  });

  it.each([
    [15, 100],
    [100, 15],
    [2001, 100],
    [100, 2001],
    [0, 0],
  ])('of %s × %s pixels is refused with its size', (width, height) => {
    const fault = `it has ${width} × ${height} pixels, and each side must have 16 to 2000`;
    expect(inspectPicture(pngOf(width, height), PNG)).toEqual({ fault });
    expect(inspectPicture(jpegOf(width, height), JPEG)).toEqual({ fault });
  });

  it('is refused if it is something else than it was announced to be', () => {
    const others = [
      '',
      '%PDF-1.7',
      '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"><script>alert(1)</script></svg>',
      '<html></html>',
      'GIF89a\u0020\u0000\u0020\u0000',
    ].map((text) => Buffer.from(text, 'latin1'));
    for (const bytes of [...others, jpegOf(100, 100)])
      expect(inspectPicture(bytes, PNG)).toEqual({ fault: 'it is no PNG' });
    for (const bytes of [...others, pngOf(100, 100)])
      expect(inspectPicture(bytes, JPEG)).toEqual({ fault: 'it is no JPEG' });
  });

  it.each([
    ['PNG', PNG, pngOf(100, 40)],
    ['JPEG', JPEG, jpegOf(100, 40)],
  ] as const)('is refused wherever a %s is cut off', (_, type, bytes) => {
    // Without the last four bytes, a checksum, a PNG still shows.
    const end = type === PNG ? bytes.length - 4 : bytes.length;
    for (let length = 0; length < end; length++)
      expect(inspectPicture(bytes.subarray(0, length), type), String(length)).toHaveProperty('fault');
  });

  it('is refused if its end is missing, although the preview in its header has one', () => {
    const bytes = jpegOf(100, 40, { hasPreview: true });
    expect(inspectPicture(bytes, JPEG)).toEqual({ width: 100, height: 40 });
    for (const missing of [1, 2, 5])
      expect(inspectPicture(bytes.subarray(0, -missing), JPEG)).toEqual({ fault: 'its end is missing' });
  });

  it('whatever the bytes are, the check ends with an answer', () => {
    const starts = [pngOf(20, 20), jpegOf(20, 20), Buffer.from('\0\0\0\x18ftypavif\0\0\0\0mif1heic', 'latin1')];
    const hostile = fc.tuple(
      fc.constantFrom(...starts),
      fc.nat(60),
      fc.uint8Array({ maxLength: 80 }),
      fc.constantFrom<'image/png' | 'image/jpeg'>(PNG, JPEG),
    );
    fc.assert(
      fc.property(hostile, ([start, kept, rest, type]) => {
        const result = inspectPicture(Buffer.concat([start.subarray(0, kept), rest]), type);
        expect('fault' in result || result.width >= 16).toBe(true);
      }),
      { numRuns: 2000 },
    );
    for (const byte of [0, 0xff])
      expect(inspectPicture(Buffer.concat([jpegOf(20, 20).subarray(0, 2), Buffer.alloc(524_286, byte)]), JPEG)).toEqual(
        { fault: 'it is no JPEG' },
      );
  });
});

it('the key of a logo leads back to its ids, and no other key does', () => {
  const ref = {
    company: CompanyId.parse('co_01JD8X3V5QZ7M2K4N6P8R0S1TA'),
    id: LogoId.parse('logo_01JD8X3V5QZ7M2K4N6P8R0S1TA'),
  };
  const key = logoKey(ref);
  expect(parseLogoKey(key)).toEqual(ref);
  for (const other of [
    '',
    'logos/',
    `${key}/x`,
    `x${key}`,
    key.replace('logos/', 'logo/'),
    `logos/${ref.id}/${ref.id}`,
  ])
    expect(parseLogoKey(other)).toBeUndefined();
});
