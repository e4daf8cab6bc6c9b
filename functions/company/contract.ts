import * as z from 'zod';
import { Company, CompanyPatch } from '../../lib/accounts/schema.ts';
import { contract } from '../../lib/http/contract.ts';
import { Logo, LogoInput, LogoUpload } from '../../lib/logo/schema.ts';
import { NumberPreview, NumberPreviewInput } from '../../lib/numbers/schema.ts';
import { CompanySettings, CompanySettingsPatch } from '../../lib/settings/schema.ts';
import { ClientsModule } from '../../lib/shared/principal.ts';

const Module = ClientsModule.extend({
  version: z.int().positive().describe('Counts the changes of the module. It is the ETag.'),
}).meta({ id: 'ClientsModule' });

/** The caller's company, its settings, and its clients module. */
export const company = contract({
  getCompany: {
    method: 'GET',
    path: '/v1/company',
    tag: 'Company',
    summary: 'Read the company',
    description: 'Its name, country and slug, and its currency, language and time zone as in the settings.',
    access: { role: 'user' },
    reply: { status: 200, description: 'The company.', schema: Company },
    versioned: true,
    problems: [],
  },
  changeCompany: {
    method: 'PATCH',
    path: '/v1/company',
    tag: 'Company',
    summary: 'Change the name or country of the company',
    description: 'JSON merge patch (RFC 7396). Currency, language and time zone are changed in the settings.',
    access: { role: 'admin' },
    body: CompanyPatch,
    examples: [{ body: { name: 'Harbour Lane Studio Ltd' } }],
    reply: { status: 200, description: 'The company.', schema: Company },
    versioned: true,
    problems: ['stale-version', 'write-conflict'],
  },
  getSettings: {
    method: 'GET',
    path: '/v1/company/settings',
    tag: 'Company',
    summary: 'Read the company settings',
    description:
      'The company level of the settings, numbers, custom fields and the sender of mails. A setting that was never changed has its default.',
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
    description:
      'JSON merge patch (RFC 7396): a key that is left out stays as it is, null restores the default. A custom field that gets another kind, loses choices or is removed no longer shows values that do not fit. If clients have such values, or if there are more clients than the thousand that are looked at, the request fails with 409 `custom-field-in-use`, whose `errors` count them for each field. With `force=true` the change is made: the values are hidden but stay stored, and a definition that fits them shows them again.',
    access: { role: 'admin' },
    query: z.strictObject({
      force: z
        .enum(['true', 'false'])
        .default('false')
        .describe('`true`: change custom fields although stored values will be hidden.'),
    }),
    body: CompanySettingsPatch,
    examples: [
      { body: { paymentTermsDays: 14, clientNumber: { pattern: 'C{counter:5}' }, sender: { color: '#1f4e79' } } },
    ],
    reply: { status: 200, description: 'The settings.', schema: CompanySettings },
    versioned: true,
    problems: ['custom-field-in-use', 'stale-version', 'write-conflict'],
  },
  previewNumbers: {
    method: 'POST',
    path: '/v1/company/settings/number-preview',
    tag: 'Company',
    summary: 'Preview the next client numbers',
    description:
      'Uses the present settings, with the changes in the body. The counter and the settings stay as they are.',
    access: { role: 'viewer' },
    body: NumberPreviewInput,
    examples: [{ body: { clientNumber: { pattern: '{year}-{counter:4}', reset: 'yearly' } } }],
    reply: { status: 200, description: 'The next three numbers.', schema: NumberPreview },
    problems: [],
  },
  createLogoUpload: {
    method: 'POST',
    path: '/v1/company/logo',
    tag: 'Company',
    summary: 'Get a presigned URL to upload the logo',
    description:
      'The logo stands in mails to contacts, in place of the name of the company. Upload a PNG or JPEG of at most 512 KB with the method, URL and headers in `upload`. The URL is valid for an hour and for one upload. S3 refuses bytes of another size, type or checksum. The picture becomes the logo within seconds after the upload, if it is really what it was announced to be, and each side has 16 to 2000 pixels. If it is refused, the system log of the company says why in `logo.refused`, and the present logo stays.',
    access: { role: 'admin' },
    body: LogoInput,
    examples: [
      {
        body: {
          contentType: 'image/png',
          size: 18_204,
          sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
        },
      },
    ],
    reply: {
      status: 201,
      description: 'The id of the new logo and the presigned request that uploads it.',
      schema: LogoUpload,
    },
    problems: ['write-conflict'],
  },
  getLogo: {
    method: 'GET',
    path: '/v1/company/logo',
    tag: 'Company',
    summary: 'Get the logo',
    description:
      'Describes the logo, and has a presigned URL of its bytes that is new with each request. 404 if there is none.',
    access: { role: 'viewer' },
    reply: { status: 200, description: 'The logo.', schema: Logo },
    problems: ['not-found'],
  },
  deleteLogo: {
    method: 'DELETE',
    path: '/v1/company/logo',
    tag: 'Company',
    summary: 'Delete the logo',
    description: 'Mails have the name of the company again. The bytes of the logo are deleted in the background.',
    access: { role: 'admin' },
    reply: { status: 204, description: 'The logo is deleted.' },
    versioned: true,
    problems: ['not-found', 'stale-version', 'write-conflict'],
  },
  getClientsModule: {
    method: 'GET',
    path: '/v1/company/modules/clients',
    tag: 'Company',
    summary: 'Read the state of the clients module',
    description: 'Whether the module can be used, by whom, and what a client needs.',
    access: { role: 'viewer' },
    reply: { status: 200, description: 'The state of the module.', schema: Module },
    versioned: true,
    problems: [],
  },
  setClientsModule: {
    method: 'PUT',
    path: '/v1/company/modules/clients',
    tag: 'Company',
    summary: 'Activate or deactivate the clients module',
    description:
      'If the module is inactive, all operations on clients fail with 403 `module-inactive`. They fail with 403 `role-too-low` for callers below the minimum role.',
    access: { role: 'admin' },
    body: z
      .strictObject({
        status: ClientsModule.shape.status,
        minimumRole: ClientsModule.shape.minimumRole.default('viewer'),
        requiredFields: ClientsModule.shape.requiredFields.default([]),
      })
      .meta({ id: 'ClientsModuleInput' }),
    examples: [{ body: { status: 'active', minimumRole: 'viewer', requiredFields: [] } }],
    reply: { status: 200, description: 'The state of the module.', schema: Module },
    versioned: true,
    problems: ['stale-version', 'write-conflict'],
  },
});
