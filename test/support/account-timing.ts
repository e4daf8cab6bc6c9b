import { SignUp } from '../../lib/accounts/schema.ts';
import type { Table } from '../../lib/table/client.ts';
import { committing, transact } from '../../lib/table/transaction.ts';
import { clientWorld, newClient, newContact } from './client-world.ts';
import { slugOf } from './company.ts';
import { portalWorld } from './portal-world.ts';
import { testSource } from './table.ts';

/** How long a public operation takes, in milliseconds, for an account that exists and for one that does not. */
export interface AccountTiming {
  operation: string;
  known: number[];
  unknown: number[];
}

const PASSWORD = 'correct horse battery staple';

/**
 * Times the public operations that name an account, for known and unknown ones by turns. Each try comes from another address
 * and in another hour, so that no limit is reached. Nothing else may run in the process meanwhile.
 */
export async function timeAccounts(table: Table, tries: number): Promise<AccountTiming[]> {
  const source = testSource();
  const world = portalWorld(table, source);
  const clients = await clientWorld(table, source);
  const { companyId } = clients.principal;
  const company = slugOf(companyId);
  const { id: clientId } = await newClient(clients, { name: 'Known' });
  const contact = { firstName: 'Ada', email: 'known@portal.example' };
  const { id: contactId } = await newContact(clients, clientId, contact);
  const ids = { clientId, contactId };
  await world.passwords.set(clients.principal, ids, { password: PASSWORD }, undefined, committing(table));

  const slug = `timed-${company}`.slice(0, 60);
  const owner = { email: 'known@staff.example', name: 'Olive', password: PASSWORD };
  const signUp = SignUp.parse({ company: { name: 'Timed', slug, currency: 'EUR' }, owner });
  const signedUp = await world.signUp(signUp, '192.0.2.1', committing(table));
  const verified = await world.accounts.company(signedUp.company.id);
  await transact(table, [world.accounts.writeToVerifyMail(verified, source.now().toISOString())]);

  const operations: Record<string, (name: string, address: string) => Promise<unknown>> = {
    signIn: (name, address) =>
      world.staffSessions.signIn({ company: slug, email: `${name}@staff.example`, password: 'not the one' }, address),
    portalSignIn: (name, address) =>
      world.sessions.signIn({ company, username: `${name}@portal.example`, password: 'not the one' }, address),
    requestPasswordReset: (name, address) => world.staffLinks.requestReset(slug, `${name}@staff.example`, address),
    requestEmailVerification: (name, address) => world.verification.request(slug, `${name}@staff.example`, address),
  };

  let address = 0;
  const time = async (run: (address: string) => Promise<unknown>): Promise<number> => {
    source.at = new Date(source.at.getTime() + 3_600_000);
    const from = performance.now();
    await run(`198.51.${++address >> 8}.${address & 255}`).catch(() => undefined);
    return performance.now() - from;
  };
  const timings: AccountTiming[] = [];
  for (const [operation, run] of Object.entries(operations)) {
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let n = 0; n < tries; n++) {
      known.push(await time((from) => run('known', from)));
      unknown.push(await time((from) => run(`stranger${n}`, from)));
    }
    timings.push({ operation, known, unknown });
  }
  return timings;
}
