import { describe, expect, it } from 'vitest';
import { acceptedVersions, entityTag, namesTag } from '../../lib/http/entity-tag.ts';

describe('If-Match', () => {
  it.each([
    [undefined, undefined],
    ['*', undefined],
    ['"3"', [3]],
    ['"3", "4"', [3, 4]],
    ['W/"3"', []],
    ['3', []],
    ['"abc"', []],
    ['', []],
  ])('%j accepts %j', (header, versions) => {
    expect(acceptedVersions(header)).toEqual(versions);
  });
});

describe('If-None-Match', () => {
  it.each([
    [undefined, false],
    ['*', true],
    ['"3"', true],
    ['W/"3"', true],
    ['"1", "3"', true],
    ['"4"', false],
    ['3', false],
  ])('%j against version 3: %j', (header, named) => {
    expect(namesTag(header, entityTag(3))).toBe(named);
  });
});
