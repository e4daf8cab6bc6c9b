import type { ReadSecret } from '../aws/secrets.ts';
import { mailbox } from '../shared/email.ts';
import type { CompanyId } from '../shared/ids.ts';
import { deriveKey, seal, unseal } from '../shared/seal.ts';
import type { Source } from '../shared/source.ts';
import type { SignInScope } from '../table/keys.ts';
import type { Origin } from './sign-in-attempts.ts';

const ID_BYTES = 16;
const NONCE_BYTES = 12;
const PREFIX = 'cld_';

/**
 * Device tokens. A successful sign-in answers one, and the device sends it with its next sign-in: its wrong passwords are then
 * counted apart from those of strangers. A token proves nothing else. It is the encrypted id of the device, bound to company
 * and account, so nothing is stored; a new application secret forgets all devices.
 */
export function deviceTokens(readSecret: ReadSecret, source: Source, scope: SignInScope) {
  const key = async () => deriveKey(await readSecret(), 'device token');
  const contextOf = (company: CompanyId, account: string) => JSON.stringify([scope, company, mailbox(account)]);

  return {
    /** The device as the origin of an attempt; the IP address if the token is missing or not one of this account. */
    async originOf(company: CompanyId, account: string, token: string | undefined, address: string): Promise<Origin> {
      const sealed = token?.startsWith(PREFIX) ? token.slice(PREFIX.length) : undefined;
      const id = sealed === undefined ? undefined : unseal(await key(), contextOf(company, account), sealed);
      return id === undefined ? { kind: 'address', address } : { kind: 'device', id };
    },

    /** The token of a device: of the same one if it was recognised, else of a new one. */
    async tokenFor(company: CompanyId, account: string, origin: Origin): Promise<string> {
      const id = origin.kind === 'device' ? origin.id : Buffer.from(source.random(ID_BYTES)).toString('base64url');
      return PREFIX + seal(await key(), source.random(NONCE_BYTES), contextOf(company, account), id);
    },
  };
}

export type DeviceTokens = ReturnType<typeof deviceTokens>;
