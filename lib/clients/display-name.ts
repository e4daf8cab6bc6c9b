import { fullName } from '../shared/full-name.ts';

interface Named {
  firstName: string | null;
  lastName: string | null;
  email: string | null;
}

/** What a client is called: its name, else the first contact's full name, else that contact's e-mail address. */
export function displayName(name: string | null, contacts: readonly Named[]): string {
  const [first] = contacts;
  return name ?? (first && (fullName(first) ?? first.email)) ?? '';
}
