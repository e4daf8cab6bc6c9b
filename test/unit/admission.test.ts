import { describe, expect, it } from 'vitest';
import { admit } from '../../lib/http/admission.ts';
import { contract } from '../../lib/http/contract.ts';
import { ApiTokenId, CompanyId, mintId } from '../../lib/shared/ids.ts';
import type { Principal } from '../../lib/shared/principal.ts';
import { systemSource } from '../../lib/shared/source.ts';

const owner: Principal = {
  kind: 'token',
  id: mintId(ApiTokenId, 'tok', systemSource),
  companyId: mintId(CompanyId, 'co', systemSource),
  name: 'A token',
  role: 'owner',
  timezone: 'UTC',
  country: null,
  customFieldsDefined: false,
  activityDays: null,
  mayMailOthers: true,
  clientsModule: { status: 'active', minimumRole: 'viewer', requiredFields: [] },
};

describe('admission', () => {
  it('a route without access cannot be declared', () => {
    contract({
      // @ts-expect-error: the types demand it, which `npm run types` proves
      readEverything: {
        method: 'GET',
        path: '/v1/everything',
        tag: 'Clients',
        summary: 'Read everything',
        reply: { status: 200, description: 'Everything.' },
        problems: [],
      },
    });
  });

  it.each(['{}', 'null', '"everybody"', '{"role":"guest"}', '{"module":"clients"}'])(
    'a route whose access is %s at run time admits nobody',
    (access) => {
      expect(() => admit(JSON.parse(access), owner)).toThrow();
      expect(() => admit(JSON.parse(access), null)).toThrow();
    },
  );
});
