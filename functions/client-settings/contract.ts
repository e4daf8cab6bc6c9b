import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';
import { EffectiveSettings, LevelSettingsPatch } from '../../lib/settings/schema.ts';
import { ClientId } from '../../lib/shared/ids.ts';

const clientParams = z.strictObject({ clientId: ClientId });

/** The settings that apply to a client. */
export const clientSettings = contract({
  getClientSettings: {
    method: 'GET',
    path: '/v1/clients/{clientId}/settings',
    tag: 'Clients',
    summary: 'Read the settings that apply to a client',
    description:
      'Every setting has the level that its value comes from: the client, its group, the company, or the default.',
    access: { role: 'viewer', module: 'clients' },
    params: clientParams,
    reply: { status: 200, description: 'All settings with their sources.', schema: EffectiveSettings },
    problems: ['not-found'],
  },
  changeClientSettings: {
    method: 'PATCH',
    path: '/v1/clients/{clientId}/settings',
    tag: 'Clients',
    summary: "Change the client's own settings",
    description:
      "JSON merge patch (RFC 7396) of the settings that the client sets itself. Null removes a setting, so that the value of the group or the company applies. ETag and If-Match refer to the client's version.",
    access: { role: 'editor', module: 'clients' },
    params: clientParams,
    body: LevelSettingsPatch,
    examples: [{ body: { paymentTermsDays: 14, language: 'fr' } }],
    reply: { status: 200, description: 'All settings with their sources.', schema: EffectiveSettings },
    versioned: true,
    problems: ['not-found', 'stale-version', 'currency-locked', 'write-conflict'],
  },
});
