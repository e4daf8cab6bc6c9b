import * as z from 'zod';
import type { ReadSecret } from '../aws/secrets.ts';
import { Problem } from '../shared/errors.ts';
import { deriveKey, seal, unseal } from '../shared/seal.ts';
import type { Source } from '../shared/source.ts';
import type { Cursors } from './contract.ts';

const Position = z.record(z.string(), z.string());

export type CursorSealer = (context: CursorContext) => Cursors;

interface CursorContext {
  companyId: string;
  operationId: string;
  /** Names the record whose list it is: a position in another record's would be outside of what is read. */
  path: string;
  query: Readonly<Record<string, string | undefined>>;
}

/**
 * Cursors that only the company, list, filters and sort order that they came from accept. Encrypted, because a position
 * holds a name. A page size may change between pages.
 */
export function cursorSealer(readSecret: ReadSecret, source: Source): CursorSealer {
  const key = async () => deriveKey(await readSecret(), 'cursor');
  return ({ companyId, operationId, path, query }) => {
    const { cursor: _cursor, limit: _limit, ...filters } = query;
    const context = JSON.stringify([companyId, operationId, path, Object.entries(filters).sort()]);
    return {
      async open(sealed) {
        if (sealed === undefined) return undefined;
        const text = unseal(await key(), context, sealed);
        if (text === undefined) throw new Problem('bad-cursor');
        return Position.parse(JSON.parse(text));
      },
      async seal(position) {
        return position ? seal(await key(), source.random(12), context, JSON.stringify(position)) : null;
      },
    };
  };
}
