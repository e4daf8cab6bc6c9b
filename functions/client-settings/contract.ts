import * as z from 'zod';
import { contract } from '../../lib/http/contract.ts';
import { EffectiveSettings, LevelSettingsPatch } from '../../lib/settings/schema.ts';
import { ClientId } from '../../lib/shared/ids.ts';

const one = z.strictObject({ clientId: ClientId });

/** The settings that hold for a client. */
export const clientSettings = contract({
  getClientSettings: {
    method: 'GET',
    path: '/v1/clients/{clientId}/settings',
    tag: 'Clients',
    summary: 'Read the settings that hold for a client',
    description: 'Each with the level that it comes from: the client, its group, the company, or the default.',
    access: { role: 'viewer', module: 'clients' },
    params: one,
    reply: { status: 200, description: 'Every setting with its source.', schema: EffectiveSettings },
    problems: ['not-found'],
  },
  changeClientSettings: {
    method: 'PATCH',
    path: '/v1/clients/{clientId}/settings',
    tag: 'Clients',
    summary: "Change the client's own settings",
    description:
      "JSON merge patch (RFC 7396) of the client's level: null unsets a key, so that the group's value or the company's holds again. ETag and If-Match are those of the client.",
    access: { role: 'editor', module: 'clients' },
    params: one,
    body: LevelSettingsPatch,
    reply: { status: 200, description: 'Every setting with its source.', schema: EffectiveSettings },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
});
