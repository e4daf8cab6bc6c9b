import * as z from 'zod';
import { Company, CompanyPatch } from '../../lib/accounts/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { NumberPreview, NumberPreviewInput } from '../../lib/numbers/schema.ts';
import { CompanySettings, CompanySettingsPatch } from '../../lib/settings/schema.ts';
import { ClientsModule } from '../../lib/shared/principal.ts';

const Module = ClientsModule.extend({ version: z.int().positive() }).meta({ id: 'ClientsModule' });

/** The caller's company: what it says of itself, its settings, and the switch of the clients module. */
export const company = contract({
  getCompany: {
    method: 'GET',
    path: '/v1/company',
    tag: 'Company',
    summary: 'Read the company',
    access: { role: 'user' },
    reply: { status: 200, description: 'The company.', schema: Company },
    versioned: true,
    problems: [],
  },
  changeCompany: {
    method: 'PATCH',
    path: '/v1/company',
    tag: 'Company',
    summary: 'Change name or country of the company',
    access: { role: 'admin' },
    body: CompanyPatch,
    reply: { status: 200, description: 'The company.', schema: Company },
    versioned: true,
    problems: ['stale-version', 'write-conflict'],
  },
  getSettings: {
    method: 'GET',
    path: '/v1/company/settings',
    tag: 'Company',
    summary: 'Read the company settings',
    access: { role: 'viewer' },
    reply: { status: 200, description: 'The settings.', schema: CompanySettings },
    versioned: true,
    problems: [],
  },
  changeSettings: {
    method: 'PATCH',
    path: '/v1/company/settings',
    tag: 'Company',
    summary: 'Change the company settings',
    description: 'JSON merge patch (RFC 7396): what is left out stays, null goes back to the default.',
    access: { role: 'admin' },
    body: CompanySettingsPatch,
    reply: { status: 200, description: 'The settings.', schema: CompanySettings },
    versioned: true,
    problems: ['stale-version', 'write-conflict'],
  },
  previewNumbers: {
    method: 'POST',
    path: '/v1/company/settings/number-preview',
    tag: 'Company',
    summary: 'Preview the next client numbers',
    description:
      'With the settings as they are, or as the body would change them. Nothing is counted, and nothing is changed.',
    access: { role: 'viewer' },
    body: NumberPreviewInput,
    reply: { status: 200, description: 'The next three numbers.', schema: NumberPreview },
    problems: [],
  },
  getClientsModule: {
    method: 'GET',
    path: '/v1/company/modules/clients',
    tag: 'Company',
    summary: 'Read the switch of the clients module',
    access: { role: 'viewer' },
    reply: { status: 200, description: 'The switch.', schema: Module },
    versioned: true,
    problems: [],
  },
  setClientsModule: {
    method: 'PUT',
    path: '/v1/company/modules/clients',
    tag: 'Company',
    summary: 'Set the switch of the clients module',
    description:
      'Switched off, all client routes answer 403 module-inactive; below the minimum role, 403 role-too-low.',
    access: { role: 'admin' },
    body: z
      .strictObject({
        status: ClientsModule.shape.status,
        minimumRole: ClientsModule.shape.minimumRole.default('viewer'),
        requiredFields: ClientsModule.shape.requiredFields.default([]),
      })
      .meta({ id: 'ClientsModuleInput' }),
    reply: { status: 200, description: 'The switch.', schema: Module },
    versioned: true,
    problems: ['stale-version', 'write-conflict'],
  },
});
