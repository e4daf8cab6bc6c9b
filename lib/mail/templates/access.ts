import { Problem } from '../../shared/errors.ts';
import type { Role } from '../../shared/roles.ts';
import { mailKinds, type TemplateKey } from '../kinds.ts';

/**
 * Mails to staff have links that sign in, also those of owners. Whoever writes their texts could make an owner follow
 * another one.
 * @throws Problem `role-too-low` for the text of a mail to staff, unless the role is owner
 */
export function assertMayWriteText(role: Role, key: TemplateKey): void {
  if (mailKinds[key].recipient === 'user' && role !== 'owner')
    throw new Problem('role-too-low', { detail: 'The texts of mails to staff are for owners only.' });
}
