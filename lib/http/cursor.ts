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
  /** The id of the user, API token or contact that the list is for. */
  caller: string;
  operationId: string;
  /** Identifies the record whose list it is. A cursor of another record's list is not accepted. */
  path: string;
  query: Readonly<Record<string, string | undefined>>;
}

/**
 * Cursors are accepted only from the caller, and only for the list, filters and sort order, that they were made for. They are
 * encrypted, because a position can contain a name. The page size may change between pages.
 */
export function cursorSealer(readSecret: ReadSecret, source: Source): CursorSealer {
  let derived: { secret: string; key: Uint8Array } | undefined;
  async function key(): Promise<Uint8Array> {
    const secret = await readSecret();
    if (derived?.secret !== secret) derived = { secret, key: deriveKey(secret, 'cursor') };
    return derived.key;
  }
  return ({ companyId, caller, operationId, path, query }) => {
    const { cursor: _cursor, limit: _limit, ...filters } = query;
    const context = JSON.stringify([companyId, caller, operationId, path, Object.entries(filters).sort()]);
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
