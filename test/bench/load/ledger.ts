import { pick, type Random } from './random.ts';

/** What the API has acknowledged about a client, to be compared with what it answers in the end. */
export interface ClientRecord {
  id: string;
  /** The word in its name. */
  word: string;
  version: number;
  archived: boolean;
  contacts: { id: string; email: string; invited: boolean }[];
  /** Whether a change of it is under way: a second one beside it would make its version uncertain. */
  busy: boolean;
}

/** All that the API has acknowledged. */
export interface Ledger {
  clients: ClientRecord[];
  documents: { client: string; id: string }[];
  groups: string[];
}

/** Changes a client that nothing else changes meanwhile. @throws whatever the change throws */
export async function changeOne(
  { clients }: Ledger,
  random: Random,
  change: (client: ClientRecord) => Promise<void>,
): Promise<void> {
  const client = pick(
    clients.filter(({ busy }) => !busy),
    random,
  );
  client.busy = true;
  try {
    await change(client);
  } finally {
    client.busy = false;
  }
}
