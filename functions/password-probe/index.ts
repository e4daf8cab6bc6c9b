import { checkedByDeployment } from '../../lib/aws/custom-resource.ts';

const PASSWORD = 'a password of no account';

/** Stops a deployment to a runtime that cannot hash passwords: every sign-in would fail there. */
export const handler = checkedByDeployment(async () => {
  try {
    await hashOnce(process.env.PASSWORD_HASHING ?? '');
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(
      `This runtime (Node ${process.versions.node}, OpenSSL ${process.versions.openssl}) cannot hash passwords, which takes crypto.argon2 of Node 24.7 and OpenSSL 3.2 or later: ${reason}`,
    );
  }
});

async function hashOnce(cost: string): Promise<void> {
  // Loaded here, because the import itself fails where Node has no argon2.
  const { passwordHashing, SALT_BYTES } = await import('../../lib/credentials/passwords.ts');
  const { hash, verify } = passwordHashing(cost);
  const stored = await hash(PASSWORD, Buffer.alloc(SALT_BYTES, 'salt'));
  if (!(await verify(PASSWORD, stored)) || (await verify(`not ${PASSWORD}`, stored)))
    throw new Error('a password was not told from another one');
}
