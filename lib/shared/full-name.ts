/** A person's full name; null where it has none. */
export function fullName({
  firstName,
  lastName,
}: {
  firstName: string | null;
  lastName: string | null;
}): string | null {
  return [firstName, lastName].filter((part) => part !== null && part !== '').join(' ') || null;
}
