import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ContentType, safeContentType } from '../../lib/documents/content-type.ts';
import { attachmentHeader, FileName } from '../../lib/documents/file-name.ts';
import { objectKey, parseObjectKey } from '../../lib/documents/object-key.ts';
import { DocumentInput } from '../../lib/documents/schema.ts';
import { ClientId, CompanyId, DocumentId } from '../../lib/shared/ids.ts';

const codesOf = (name: string) => {
  const { error } = FileName.safeParse(name);
  return (error?.issues ?? []).map((issue) => (issue.code === 'custom' ? issue.params?.code : issue.code));
};

describe('the name of a document', () => {
  it.each([
    'a',
    '.gitignore',
    'a..b',
    'Årsrapport 2026 (final) & co.pdf',
    '契約書.pdf',
    'עברית.pdf',
    '👩‍👩‍👧 family.png',
    'a'.repeat(255),
    '😀'.repeat(255),
    'it\'s "quoted" 100%.txt',
  ])('may be %s', (name) => {
    expect(FileName.parse(name)).toBe(name.normalize('NFC'));
  });

  it.each([
    ['../etc/passwd', 'path-separator'],
    ['a/b', 'path-separator'],
    ['a\\b', 'path-separator'],
    ['a\u0000b', 'control-character'],
    ['a\nb', 'control-character'],
    ['a\u0085b', 'control-character'],
    ['a\u2028b', 'control-character'],
    ['gpj.\u202eexe', 'bidi-control'],
    ['a\u2066b', 'bidi-control'],
    ['', 'wrong-format'],
    ['  ', 'wrong-format'],
    ['.', 'wrong-format'],
    ['..', 'wrong-format'],
    ['\u200b', 'wrong-format'],
    ['a\ud800', 'wrong-format'],
    ['a'.repeat(256), 'too-long'],
    ['😀'.repeat(256), 'too-long'],
    // Composed characters that NFC decomposes are counted in their decomposed form.
    ['\u0958'.repeat(128), 'too-long'],
  ])('may not be %j', (name, code) => {
    expect(codesOf(name)).toContain(code);
  });

  it('is kept in one form, without space around it', () => {
    expect(FileName.parse(' e\u0301te\u0301.pdf\u00a0')).toBe('été.pdf');
  });

  it('is described as it is checked', () => {
    const { pattern = '' } = z.globalRegistry.get(FileName) ?? {};
    const described = new RegExp(String(pattern));
    const telling = [...'ab. /\\\u0000\n\u0085\u2028\u200b\ufeff\u202e\u2066\u2069é😀'];
    const name = fc.string({ unit: fc.constantFrom(...telling), maxLength: 8 });
    fc.assert(
      fc.property(name, (text) => {
        // Trimming removes line breaks at the ends.
        if (/^\s|\s$/.test(text)) return;
        expect(described.test(text)).toBe(FileName.safeParse(text).success);
      }),
    );
  });

  it('comes back from the header that carries it, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), (text) => {
        const parsed = FileName.safeParse(text);
        if (!parsed.success) return;
        const header = attachmentHeader(parsed.data);
        expect(header).toMatch(
          /^attachment; filename="[\x20-\x21\x23-\x5b\x5d-\x7e]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/,
        );
        expect(decodeURIComponent(header.replace(/^.*UTF-8''/, ''))).toBe(parsed.data);
      }),
    );
  });
});

describe('the content type', () => {
  it.each(['application/pdf', 'text/plain; charset=utf-8', 'text/plain;charset=utf-8', 'image/svg+xml', 'X-A/b.c-d'])(
    'may be %s',
    (type) => {
      expect(ContentType.safeParse(type).success).toBe(true);
    },
  );

  it.each(['', 'pdf', '/', 'a/', '/b', 'a/b/c', 'a/b\r\nx: y', 'a/b;', 'a b/c', 'ä/b', `a/${'b'.repeat(126)}`])(
    'may not be %j',
    (type) => {
      expect(ContentType.safeParse(type).success).toBe(false);
    },
  );

  it.each([
    ['application/pdf', 'application/pdf'],
    ['Image/PNG', 'image/png'],
    ['text/plain; charset=utf-8', 'text/plain'],
  ])('%s is handed out as %s', (type, harmless) => {
    expect(safeContentType(type)).toBe(harmless);
  });

  it.each([
    'text/html',
    'TEXT/HTML; charset=utf-8',
    'application/xhtml+xml',
    'image/svg+xml',
    'text/xml',
    'application/xml',
    'application/rss+xml',
    'text/javascript',
    'application/javascript',
    'application/wasm',
    'application/x-shockwave-flash',
    'text/css',
    'multipart/x-mixed-replace',
    'application/pdf+xml',
    'message/rfc822',
    'anything/else',
  ])('%s is handed out as bytes to save', (type) => {
    expect(safeContentType(type)).toBe('application/octet-stream');
  });
});

it('a checksum is the same in either case', () => {
  const input = { name: 'a', contentType: 'a/b', size: 1, sha256: 'AB'.repeat(32) };
  expect(DocumentInput.parse(input)).toMatchObject({ sha256: 'ab'.repeat(32), visibility: 'internal' });
});

it('an object’s key says whose document it is, and nothing else is one', () => {
  const ulid = '01JD8X3V5QZ7M2K4N6P8R0S1TA';
  const place = {
    company: CompanyId.parse(`co_${ulid}`),
    client: ClientId.parse(`cli_${ulid}`),
    id: DocumentId.parse(`doc_${ulid}`),
  };
  const key = objectKey(place);
  expect(parseObjectKey(key)).toEqual(place);
  for (const other of ['', 'a', `${key}/x`, `/${key}`, key.replace('doc_', 'cli_'), key.toLowerCase()])
    expect(parseObjectKey(other)).toBeUndefined();
});
