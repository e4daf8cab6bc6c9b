import { describe, expect, it } from 'vitest';
import { acceptsGzip } from '../../lib/http/static-file.ts';

describe('Accept-Encoding', () => {
  it.each(['gzip', 'br, gzip', 'GZIP;q=0.5', '*', 'deflate, *;q=0.1', 'identity;q=0, gzip; q=1'])(
    '%s accepts gzip',
    (header) => expect(acceptsGzip(header)).toBe(true),
  );

  it.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'gzip;q=0, *', '*;q=0', 'gzip;q=none'])(
    '%s does not',
    (header) => expect(acceptsGzip(header)).toBe(false),
  );
});
