import { companyServices } from '../../lib/company/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { versionedReply } from '../../lib/http/replies.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import { company as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const { companies } = companyServices(deps);
  const { settings, previewNumbers } = companySettingsServices(deps);
  return {
    getCompany: async ({ principal }) => versionedReply(await companies.read(principal.companyId)),
    changeCompany: async ({ principal, body, ifMatch }) =>
      versionedReply(await companies.change(principal.companyId, body, ifMatch)),
    getSettings: async ({ principal }) => versionedReply(await settings.read(principal.companyId)),
    changeSettings: async ({ principal, query, body, ifMatch }) =>
      versionedReply(await settings.change(principal.companyId, body, ifMatch, query.force === 'true')),
    previewNumbers: async ({ principal, body }) => ({ body: await previewNumbers(principal.companyId, body) }),
    getClientsModule: async ({ principal }) => versionedReply(await companies.clientsModule(principal.companyId)),
    setClientsModule: async ({ principal, body, ifMatch }) =>
      versionedReply(await companies.setClientsModule(principal.companyId, body, ifMatch)),
  };
});
