import * as z from 'zod';

/** Roles of a company's staff, lowest first. Each role may do what the roles before it may do. */
export const ROLES = ['user', 'viewer', 'editor', 'admin', 'owner'] as const;

export const Role = z.enum(ROLES).meta({
  id: 'Role',
  description:
    'From lowest to highest: user (only for linked clients), viewer (reads), editor (writes), admin (settings, users, API tokens), owner. Each role may do what the lower ones may do.',
});
export type Role = z.infer<typeof Role>;

/** Whether `role` is at least as high as `minimum`. False if either is not a role. */
export function reaches(role: Role, minimum: Role): boolean {
  return ROLES.includes(minimum) && ROLES.indexOf(role) >= ROLES.indexOf(minimum);
}

/** The lower one of two roles. */
export function lowerOf(a: Role, b: Role): Role {
  return reaches(a, b) ? b : a;
}
