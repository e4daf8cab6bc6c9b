/** A person's full name; null if the person has no name. */
export function fullName({
  firstName,
  lastName,
}: {
  firstName: string | null;
  lastName: string | null;
}): string | null {
  return [firstName, lastName].filter((part) => part !== null && part !== '').join(' ') || null;
}
