import { isDeepStrictEqual } from 'node:util';
import { type Author, authorOf } from '../activity/schema.ts';
import type { StoredClient } from '../clients/schema.ts';
import { invalid, Problem } from '../shared/errors.ts';
import type { ClientId, CompanyId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import type { Principal } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { validated } from '../shared/validation.ts';
import type { Commit, Write } from '../table/transaction.ts';
import { clientLevel, effectiveSettings } from './cascade.ts';
import type { SettingsRepository } from './repository.ts';
import { type EffectiveSettings, LevelSettings, type LevelSettingsPatch } from './schema.ts';

interface ClientSettingsDeps {
  clients: {
    client: (company: CompanyId, id: ClientId) => Promise<StoredClient | undefined>;
    writesToReplace: (
      company: CompanyId,
      before: StoredClient,
      after: StoredClient,
      act: { by: Author; action: 'client.settings-changed' },
    ) => Write[];
  };
  settings: Pick<SettingsRepository, 'levelsAbove'>;
  commit: Commit<unknown>;
  source: Source;
}

/** The settings that apply to a client, and the ones that it sets itself. */
export function clientSettingsService({ clients, settings, commit, source }: ClientSettingsDeps) {
  async function getClientOrThrow(companyId: CompanyId, id: ClientId): Promise<StoredClient> {
    const client = await clients.client(companyId, id);
    if (!client) throw new Problem('not-found');
    return client;
  }

  async function effective(companyId: CompanyId, client: StoredClient): Promise<EffectiveSettings> {
    const above = await settings.levelsAbove(companyId, client.groupId);
    return effectiveSettings({ client: clientLevel(client), ...above });
  }

  return {
    /** The effective settings with their sources. Two calls. @throws Problem `not-found` */
    async read({ companyId }: Principal, id: ClientId): Promise<EffectiveSettings> {
      return effective(companyId, await getClientOrThrow(companyId, id));
    },

    /**
     * Applies a merge patch to the client's own settings. Null removes a setting, so that the value of the group or the company
     * applies. Three calls.
     * @throws Problem `not-found`, `validation`, `stale-version`, `write-conflict`
     */
    change(
      principal: Principal,
      id: ClientId,
      patch: LevelSettingsPatch,
      ifMatch: readonly number[] | undefined,
    ): Promise<{ effective: EffectiveSettings; version: number }> {
      const { companyId } = principal;
      return retryOnStaleVersion(ifMatch, async () => {
        const present = await getClientOrThrow(companyId, id);
        if (ifMatch && !ifMatch.includes(present.version)) throw new Problem('stale-version');
        const patched = withLevel(present, patch, principal);
        if (isDeepStrictEqual(patched, present))
          return { effective: await effective(companyId, present), version: present.version };
        const after = { ...patched, updatedAt: source.now().toISOString(), version: present.version + 1 };
        const act = { by: authorOf(principal), action: 'client.settings-changed' } as const;
        await commit(clients.writesToReplace(companyId, present, after, act), after);
        return { effective: await effective(companyId, after), version: after.version };
      });
    },
  };
}

/** The client with the patch applied to its settings. Settings that are also fields of the client are stored in the fields only. */
function withLevel(client: StoredClient, patch: LevelSettingsPatch, { clientsModule }: Principal): StoredClient {
  const level = validated(LevelSettings, mergePatch(clientLevel(client), patch));
  const { invoiceDelivery = null, portalPermissions = {}, ...settings } = level;
  const required = clientsModule.requiredFields.includes('invoiceDelivery');
  if (required && invoiceDelivery === null && client.invoiceDelivery !== null)
    throw invalid({
      pointer: '/invoiceDelivery',
      code: 'required',
      detail: 'The company requires this field of every client.',
    });
  return { ...client, settings, invoiceDelivery, portalPermissions };
}
