import type { LevelSettings } from '../settings/schema.ts';
import type { InputFault } from '../shared/errors.ts';
import type { ClientPatch } from './schema.ts';

// Two settings of a client are fields of it too: `invoiceDelivery` and `portalPermissions`. Each is one value with two
// spellings. It is stored in the field, so that the two cannot disagree, and shown in both places.

interface Spellings {
  invoiceDelivery?: LevelSettings['invoiceDelivery'] | null;
  portalPermissions?: LevelSettings['portalPermissions'];
  settings?: LevelSettings;
}

const MESSAGE = 'This is another value than the field of the client with the same name, which is the same setting.';

/** A fault for each value that a body gives in both spellings, differently. A spelling that is left out says nothing. */
export function contradictions({
  invoiceDelivery,
  portalPermissions,
  settings,
}: {
  invoiceDelivery?: unknown;
  portalPermissions?: unknown;
  settings?: unknown;
}): InputFault[] {
  const { invoiceDelivery: delivery, portalPermissions: permissions } = Object(settings);
  const fault = (pointer: string): InputFault => ({ pointer, code: 'contradiction', detail: MESSAGE });
  const differs = (a: unknown, b: unknown) => a !== undefined && b !== undefined && a !== b;
  return [
    ...(differs(invoiceDelivery, delivery) ? [fault('/settings/invoiceDelivery')] : []),
    ...Object.entries(Object(permissions)).flatMap(([part, value]) =>
      differs(Object(portalPermissions)[part], value) ? [fault(`/settings/portalPermissions/${part}`)] : [],
    ),
  ];
}

/** The two fields of a new client, from either spelling, and its other settings. */
export function withoutSecondSpelling({ invoiceDelivery, portalPermissions, settings = {} }: Spellings) {
  const { invoiceDelivery: delivery, portalPermissions: permissions, ...others } = settings;
  return {
    invoiceDelivery: invoiceDelivery ?? delivery ?? null,
    portalPermissions: { ...permissions, ...portalPermissions },
    settings: others,
  };
}

/** The patch with both values in the fields of the client. `settings: null` clears them too, unless a field says else. */
export function patchOfFields(patch: ClientPatch): ClientPatch {
  const { settings, ...fields } = patch;
  if (settings === undefined) return patch;
  if (settings === null) return { invoiceDelivery: null, portalPermissions: null, ...fields, settings };
  const { invoiceDelivery, portalPermissions, ...others } = settings;
  const isObject = portalPermissions !== undefined && portalPermissions !== null;
  return {
    ...fields,
    ...(invoiceDelivery !== undefined && { invoiceDelivery }),
    ...(portalPermissions === null && fields.portalPermissions === undefined && { portalPermissions }),
    ...(isObject && { portalPermissions: { ...portalPermissions, ...fields.portalPermissions } }),
    settings: others,
  };
}

/** The settings of a client as they are shown: with the two values that are stored in its fields. */
export function shownSettings({ invoiceDelivery, portalPermissions = {}, settings = {} }: Spellings): LevelSettings {
  const permissions = { ...settings.portalPermissions, ...portalPermissions };
  return {
    ...settings,
    ...(invoiceDelivery && { invoiceDelivery }),
    ...(Object.keys(permissions).length > 0 && { portalPermissions: permissions }),
  };
}
