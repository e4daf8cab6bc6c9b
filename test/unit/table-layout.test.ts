import { expect, it } from 'vitest';
import { clientRowEntity } from '../../lib/search/schema.ts';
import { projectedAttributes } from '../../lib/table/layout.ts';

it('the indexes project exactly what a row of the client list is read with', () => {
  const read = ['entity', 'schemaVersion', ...Object.keys(clientRowEntity.schema.shape)];
  expect([...projectedAttributes].sort()).toEqual(read.sort());
});
