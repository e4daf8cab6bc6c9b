import type { Source } from '../shared/source.ts';
import type { Table } from './client.ts';

/** The dependencies of a domain's services. */
export interface ServiceDeps {
  readonly table: Table;
  readonly source: Source;
}
