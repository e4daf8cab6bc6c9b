import { env } from '../../lib/aws/env.ts';
import { companyServices } from '../../lib/company/wiring.ts';
import { httpFunction } from '../../lib/http/function.ts';
import { emptyReply, versionedReply } from '../../lib/http/replies.ts';
import type { LogoUpload } from '../../lib/logo/schema.ts';
import { logoServices } from '../../lib/logo/wiring.ts';
import { companySettingsServices } from '../../lib/settings/wiring.ts';
import { company as contract } from './contract.ts';

const createdUploadReply = (upload: LogoUpload) => ({ body: upload });

export const handler = httpFunction(contract, (deps) => {
  const { companies } = companyServices(deps);
  const { settings, numbers } = companySettingsServices(deps);
  const { logo } = logoServices(deps, env('BUCKET_NAME'));
  return {
    getCompany: async ({ principal }) => versionedReply(await companies.read(principal.companyId)),
    changeCompany: async ({ principal, body, ifMatch }) =>
      versionedReply(await companies.change(principal.companyId, body, ifMatch)),
    getSettings: async ({ principal }) => versionedReply(await settings.read(principal.companyId)),
    changeSettings: {
      run: async ({ principal, query, body, ifMatch }) =>
        versionedReply(await settings.change(principal.companyId, body, ifMatch, query.force === 'true')),
      findFaults: ({ principal, body }) => settings.faultsOfChange(principal.companyId, body),
    },
    previewNumbers: {
      run: async ({ principal, body }) => ({ body: await numbers.preview(principal.companyId, body) }),
      findFaults: ({ principal, body }) => numbers.faultsOfPreview(principal.companyId, body),
    },
    getClientsModule: async ({ principal }) => versionedReply(await companies.clientsModule(principal.companyId)),
    setClientsModule: async ({ principal, body, ifMatch }) =>
      versionedReply(await companies.setClientsModule(principal.companyId, body, ifMatch)),
    createLogoUpload: async ({ principal, body, commit }) =>
      createdUploadReply(await logo.createUpload(principal.companyId, body, commit(createdUploadReply))),
    getLogo: async ({ principal }) => ({ body: await logo.read(principal.companyId) }),
    async deleteLogo({ principal, ifMatch }) {
      await logo.remove(principal.companyId, ifMatch);
      return emptyReply;
    },
  };
});
