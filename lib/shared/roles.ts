import * as z from 'zod';

/** Roles of a company's staff, lowest rank first (spec 2). Each role may do what the ones before it may. */
export const ROLES = ['user', 'viewer', 'editor', 'admin', 'owner'] as const;

export const Role = z.enum(ROLES).meta({
  id: 'Role',
  description:
    'In rank: user (acts for linked clients only), viewer (reads), editor (writes), admin (settings, users, tokens), owner.',
});
export type Role = z.infer<typeof Role>;

/** Whether `role` ranks at least as high as `minimum`. What is no role reaches nothing and is reached by nobody. */
export function reaches(role: Role, minimum: Role): boolean {
  return ROLES.includes(minimum) && ROLES.indexOf(role) >= ROLES.indexOf(minimum);
}
