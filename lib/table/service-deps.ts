import type { Source } from '../shared/source.ts';
import type { Table } from './client.ts';

/** What the services of a domain are composed from. */
export interface ServiceDeps {
  readonly table: Table;
  readonly source: Source;
}
