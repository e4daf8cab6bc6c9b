import { type CustomFieldShapes, shownValues } from '../shared/custom-field-shapes.ts';
import type { StoredClient, StoredContact } from './schema.ts';

/** What tells which custom values are shown: a principal, or the company itself. */
interface Shaped {
  customFieldShapes?: CustomFieldShapes | undefined;
}

/** A client with the custom values that the present definitions show. */
export function withShownClientFields<C extends Pick<StoredClient, 'customFields'>>(shaped: Shaped, client: C): C {
  return { ...client, customFields: shownValues(shaped.customFieldShapes?.client, client.customFields) };
}

/** The same for a contact. */
export function withShownContactFields<C extends Pick<StoredContact, 'customFields'>>(shaped: Shaped, contact: C): C {
  return { ...contact, customFields: shownValues(shaped.customFieldShapes?.contact, contact.customFields) };
}
