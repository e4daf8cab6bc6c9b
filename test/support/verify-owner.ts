import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod';

const Mails = z.array(z.object({ text: z.string() }));

/** How long the mail may take, and how often the inbox is read. */
const PATIENCE_MS = 30_000;
const INTERVAL_MS = 25;

/**
 * Verifies the e-mail address of the owner with the link in the mail of the sign-up. The stack must show its mails at
 * `/_local/mail?to=`.
 */
export async function verifyOwner(url: string, { slug, email }: { slug: string; email: string }): Promise<void> {
  const answer = await fetch(`${url}/v1/auth/email-verification/confirm`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ company: slug, token: await verificationToken(url, slug, email) }),
  });
  if (answer.status !== 204) throw new Error(`the address was not verified: ${await answer.text()}`);
}

/** The token in the mail of the sign-up, as soon as it has arrived. */
export async function verificationToken(url: string, slug: string, email: string): Promise<string> {
  const link = new RegExp(`/${slug}/verify-email#([\\w-]{43})`);
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await pause(INTERVAL_MS)) {
    const answer = await fetch(`${url}/_local/mail?to=${encodeURIComponent(email)}`);
    for (const { text } of Mails.parse(await answer.json()).toReversed()) {
      const [, token] = link.exec(text) ?? [];
      if (token !== undefined) return token;
    }
  }
  throw new Error(`no mail to verify the address of ${slug} has arrived`);
}
