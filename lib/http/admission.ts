import { Problem } from '../shared/errors.ts';
import { Caller } from '../shared/principal.ts';
import { reaches } from '../shared/roles.ts';
import type { Route } from './contract.ts';
import type { HttpEvent } from './event.ts';

/** The principal that the authorizer put into the request; null where it found none. */
export function principalOf(event: HttpEvent): Caller | null {
  const found = event.requestContext.authorizer?.lambda?.principal;
  return typeof found === 'string' && found !== '' ? Caller.parse(JSON.parse(found)) : null;
}

/**
 * Lets the principal in, or says why not: nobody, of the wrong kind, module off, role too low.
 * @throws Problem 401 or 403
 */
export function admit({ access }: Route, principal: Caller | null): void {
  if (access === 'public') return;
  if (!principal) throw new Problem('unauthenticated');
  if (access === 'portal') {
    if (principal.kind !== 'contact') throw new Problem('portal-only');
    if (principal.clientsModule.status === 'inactive') throw new Problem('module-inactive');
    return;
  }
  if (principal.kind === 'contact') throw new Problem('staff-only');
  const { role, clientsModule } = principal;
  if (access.module === 'clients') {
    if (clientsModule.status === 'inactive') throw new Problem('module-inactive');
    if (!access.belowModuleRole && !reaches(role, clientsModule.minimumRole))
      throw new Problem('role-too-low', {
        detail: `The clients module is for ${clientsModule.minimumRole} and above.`,
      });
  }
  if (!reaches(role, access.role))
    throw new Problem('role-too-low', { detail: `This needs the role ${access.role}; the caller is ${role}.` });
}

/** Who called, for the log: ids only. */
export function callerOf(event: HttpEvent): Record<string, string> {
  const principal = principalOf(event);
  return principal ? { companyId: principal.companyId, caller: principal.id } : {};
}
