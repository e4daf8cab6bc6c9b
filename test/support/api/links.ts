import { expect, inject, vi } from 'vitest';
import * as z from 'zod';
import type { Role } from '../../../lib/shared/roles.ts';
import { PASSWORD, send, type TestCompany } from './client.ts';

const Mails = z.array(z.object({ text: z.string() }));

/** The secret in the link of the newest mail to the address, once that many have arrived. It reads the inbox of the stack. */
export async function linkSecretOf(address: string, mails = 1): Promise<string> {
  const found = await vi.waitFor(
    async () => {
      const answer = await fetch(`${inject('apiUrl')}/_local/mail?to=${encodeURIComponent(address)}`);
      const list = Mails.parse(await answer.json());
      expect(list).toHaveLength(mails);
      return list;
    },
    { timeout: 30_000, interval: 100 },
  );
  const [, link] = /#([\w-]{43})\b/.exec(found.at(-1)?.text ?? '') ?? [];
  if (link === undefined) throw new Error('the mail has no link');
  return link;
}

/** Invites a user of the role, who accepts. Returns the user's id and access token. */
export async function signedInUser(company: TestCompany, role: Role): Promise<{ id: string; token: string }> {
  const email = `${crypto.randomUUID()}@staff.example`;
  const invited = await send('/v1/users', { token: company.token, body: { email, name: `A ${role}`, role } });
  if (invited.status !== 201) throw new Error(`not invited: ${invited.text}`);
  const body = { company: company.slug, token: await linkSecretOf(email), password: PASSWORD };
  const accepted = await send('/v1/auth/invitation/accept', { body });
  if (accepted.status !== 200) throw new Error(`not accepted: ${accepted.text}`);
  return { id: invited.json.id, token: accepted.json.accessToken };
}
