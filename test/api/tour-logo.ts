import { expect } from 'vitest';
import { send } from '../support/api/client.ts';
import { LOGO, uploadLogo, waitForLogo } from '../support/api/logo.ts';

/** Uses each permission that logos need, and leaves one for the mails that follow. */
export async function tourOfLogo(token: string): Promise<void> {
  await waitForLogo(token, await uploadLogo(token));
  await send(LOGO, { method: 'DELETE', token });
  const { url } = await waitForLogo(token, await uploadLogo(token));
  expect((await (await fetch(url)).arrayBuffer()).byteLength).toBeGreaterThan(0);
}
