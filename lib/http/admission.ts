import { Problem } from '../shared/errors.ts';
import type { Caller, PortalPrincipal, Principal } from '../shared/principal.ts';
import { reaches } from '../shared/roles.ts';
import type { Access } from './contract.ts';

type StaffAccess = Exclude<Access, 'public' | 'portal'>;

/**
 * Admits a caller to a route or throws: unauthenticated, wrong kind of caller, module inactive, or role too low. Every route
 * that is not public is denied unless a rule below admits the caller.
 * @throws Problem 401 or 403
 */
export function admit(access: Access, caller: Caller | null): void {
  if (access === 'public') return;
  if (!caller) throw new Problem('unauthenticated');
  if (access === 'portal') admitContact(caller);
  else admitStaff(access, caller);
}

function admitContact(caller: Principal | PortalPrincipal): void {
  if (caller.kind !== 'contact') throw new Problem('portal-only');
  if (caller.clientsModule.status === 'inactive') throw new Problem('module-inactive');
}

function admitStaff(access: StaffAccess, caller: Principal | PortalPrincipal): void {
  if (caller.kind === 'contact') throw new Problem('staff-only');
  const { kind, role, clientsModule } = caller;
  if (access.module === 'clients') {
    if (clientsModule.status === 'inactive') throw new Problem('module-inactive');
    if (!access.belowModuleRole && !reaches(role, clientsModule.minimumRole))
      throw new Problem('role-too-low', {
        detail: `The clients module needs the role ${clientsModule.minimumRole} or a higher one.`,
      });
  }
  if (!reaches(role, access.role))
    throw new Problem('role-too-low', {
      detail: `This operation needs the role ${access.role} or a higher one. The caller has the role ${role}.`,
    });
  if (access.peopleOnly && kind === 'token') throw new Problem('people-only');
}
