import type { InputFault } from '../shared/errors.ts';
import type { Principal } from '../shared/principal.ts';
import { customFieldFaults } from './custom-fields.ts';
import type { CustomFieldRules, SettingsRepository } from './repository.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Checks custom values against the definitions of the caller's company. One call; none if the principal says that the company
 * has no definitions.
 */
export function customFieldChecks(settings: Pick<SettingsRepository, 'customFields'>) {
  async function checkAgainstDefinitions(
    { companyId, customFieldsDefined }: Principal,
    check: (rules: CustomFieldRules) => InputFault[],
  ): Promise<InputFault[]> {
    return customFieldsDefined ? check(await settings.customFields(companyId)) : [];
  }

  return {
    /** The faults of a client and, on creation, of its contacts. With `before`, only changed values are checked. */
    ofClient: (
      principal: Principal,
      { values, before, contacts = [] }: { values: Values; before?: Values; contacts?: readonly Values[] },
    ): Promise<InputFault[]> =>
      checkAgainstDefinitions(principal, ({ client, contact, removed }) => [
        ...customFieldFaults(client, values, '/customFields', before, removed.client),
        ...contacts.flatMap((contactValues, index) =>
          customFieldFaults(contact, contactValues, `/contacts/${index}/customFields`, undefined, removed.contact),
        ),
      ]),

    /** The faults of a contact. With `before`, only changed values are checked. */
    ofContact: (principal: Principal, values: Values, before: Values | undefined): Promise<InputFault[]> =>
      checkAgainstDefinitions(principal, ({ contact, removed }) =>
        customFieldFaults(contact, values, '/customFields', before, removed.contact),
      ),
  };
}
