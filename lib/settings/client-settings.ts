import { isDeepStrictEqual } from 'node:util';
import { type Author, authorOf } from '../activity/schema.ts';
import type { StoredClient } from '../clients/schema.ts';
import { assertCurrencyStays } from '../shared/currency-lock.ts';
import { type InputFault, invalid, Problem } from '../shared/errors.ts';
import type { ClientId, CompanyId } from '../shared/ids.ts';
import { mergePatch } from '../shared/merge-patch.ts';
import type { Principal } from '../shared/principal.ts';
import { retryOnStaleVersion } from '../shared/retry.ts';
import type { Source } from '../shared/source.ts';
import { faultsIn } from '../shared/validation.ts';
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
     * @throws Problem `not-found`, `validation`, `currency-locked`, `stale-version`, `write-conflict`
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
        const faults = patchFaults(principal, present, patch);
        if (faults.length > 0) throw invalid(...faults);
        const patched = withLevel(present, LevelSettings.parse(applyPatch(present, patch)));
        if (isDeepStrictEqual(patched, present))
          return { effective: await effective(companyId, present), version: present.version };
        assertCurrencyStays(present, patched);
        const after = { ...patched, updatedAt: source.now().toISOString(), version: present.version + 1 };
        const act = { by: authorOf(principal), action: 'client.settings-changed' } as const;
        await commit(clients.writesToReplace(companyId, present, after, act), after);
        return { effective: await effective(companyId, after), version: after.version };
      });
    },

    /** What `change` would refuse about the right fields of a partly wrong patch. One call. @throws Problem `not-found` */
    async faultsOfChange(principal: Principal, id: ClientId, patch: LevelSettingsPatch): Promise<InputFault[]> {
      return patchFaults(principal, await getClientOrThrow(principal.companyId, id), patch);
    },
  };
}

const applyPatch = (client: StoredClient, patch: LevelSettingsPatch) => mergePatch(clientLevel(client), patch);

/** What is wrong with the patched settings of a client. */
function patchFaults({ clientsModule }: Principal, client: StoredClient, patch: LevelSettingsPatch): InputFault[] {
  const required = clientsModule.requiredFields.includes('invoiceDelivery');
  const isRemoved = patch.invoiceDelivery === null && client.invoiceDelivery !== null;
  return [...faultsIn(LevelSettings, applyPatch(client, patch)), ...(required && isRemoved ? [DELIVERY_REQUIRED] : [])];
}

const DELIVERY_REQUIRED: InputFault = {
  pointer: '/invoiceDelivery',
  code: 'required',
  detail: 'The company requires this field of every client.',
};

/** The client with these settings. Settings that are also fields of the client are stored in the fields only. */
function withLevel(client: StoredClient, level: LevelSettings): StoredClient {
  const { invoiceDelivery = null, portalPermissions = {}, ...settings } = level;
  return { ...client, settings, invoiceDelivery, portalPermissions };
}
