interface Named {
  firstName: string | null;
  lastName: string | null;
  email: string | null;
}

/** A contact's full name; null where it has none. */
export function fullName({ firstName, lastName }: Pick<Named, 'firstName' | 'lastName'>): string | null {
  return [firstName, lastName].filter((part) => part !== null && part !== '').join(' ') || null;
}

/** What a client is called: its name, else the first contact's full name, else that contact's e-mail address (spec 3). */
export function displayName(name: string | null, contacts: readonly Named[]): string {
  const [first] = contacts;
  return name ?? (first && (fullName(first) ?? first.email)) ?? '';
}
