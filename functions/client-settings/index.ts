import { httpFunction } from '../../lib/http/function.ts';
import { clientSettingsServices } from '../../lib/settings/wiring.ts';
import { clientSettings as contract } from './contract.ts';

export const handler = httpFunction(contract, (deps) => {
  const { settings } = clientSettingsServices(deps);
  return {
    getClientSettings: async ({ principal, params }) => ({ body: await settings.read(principal, params.clientId) }),
    changeClientSettings: {
      async run({ principal, params, body, ifMatch }) {
        const { effective, version } = await settings.change(principal, params.clientId, body, ifMatch);
        return { body: effective, version };
      },
      findFaults: ({ principal, params, body }) => settings.faultsOfChange(principal, params.clientId, body),
    },
  };
});
