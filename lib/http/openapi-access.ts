import type { Access } from './contract.ts';

/** Who may call an operation, for programs: the extension `x-access` of each operation. */
interface AccessExtension {
  readonly caller: 'anyone' | 'contact' | 'staff';
  /** The lowest role of staff. */
  readonly role?: string;
  /** Whether an API token of this role may call it. */
  readonly apiTokens?: boolean;
  /** The module that must be active. */
  readonly module?: 'clients';
}

export function accessExtension(access: Access): AccessExtension {
  if (access === 'public') return { caller: 'anyone' };
  if (access === 'portal') return { caller: 'contact', module: 'clients' };
  const { role, module, peopleOnly } = access;
  return { caller: 'staff', role, apiTokens: !peopleOnly, ...(module && { module }) };
}

/** The same in words: the last paragraph of each operation's description. */
export function accessText(access: Access): string {
  if (access === 'public') return '**Access:** everybody, without a token.';
  if (access === 'portal')
    return '**Access:** contacts who are signed in to the portal. The clients module must be active.';
  const { role, module, peopleOnly, belowModuleRole } = access;
  const roles = role === 'owner' ? 'the role `owner`' : `the role \`${role}\` or a higher one`;
  const who = peopleOnly ? `users with ${roles}; no API tokens.` : `users and API tokens with ${roles}.`;
  const moduleRule = belowModuleRole
    ? ' The clients module must be active.'
    : ' The clients module must be active, and can require a higher role.';
  return `**Access:** ${who}${module ? moduleRule : ''}`;
}
