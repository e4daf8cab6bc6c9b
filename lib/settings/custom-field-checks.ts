import type { InputFault } from '../shared/errors.ts';
import type { Principal } from '../shared/principal.ts';
import { type CustomFieldDefinitions, customFieldFaults } from './custom-fields.ts';
import type { SettingsRepository } from './repository.ts';

type Values = Readonly<Record<string, unknown>>;

/**
 * Custom values against the definitions of the caller's company. One call, none where the company has defined nothing, as
 * the principal says.
 */
export function customFieldChecks(settings: Pick<SettingsRepository, 'customFields'>) {
  async function against(
    { companyId, customFieldsDefined }: Principal,
    check: (definitions: CustomFieldDefinitions) => InputFault[],
  ): Promise<InputFault[]> {
    return customFieldsDefined ? check(await settings.customFields(companyId)) : [];
  }

  return {
    /** Of a client and, where it is created, of its contacts. Of one that is changed only what differs from `before`. */
    ofClient: (
      principal: Principal,
      { values, before, contacts = [] }: { values: Values; before?: Values; contacts?: readonly Values[] },
    ): Promise<InputFault[]> =>
      against(principal, ({ client, contact }) => [
        ...customFieldFaults(client, values, '/customFields', before),
        ...contacts.flatMap((one, index) => customFieldFaults(contact, one, `/contacts/${index}/customFields`)),
      ]),

    /** Of a contact; of one that is changed only what differs from `before`. */
    ofContact: (principal: Principal, values: Values, before: Values | undefined): Promise<InputFault[]> =>
      against(principal, ({ contact }) => customFieldFaults(contact, values, '/customFields', before)),
  };
}
