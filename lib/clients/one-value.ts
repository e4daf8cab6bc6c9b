import { type LevelSettings, PortalPermissions } from '../settings/schema.ts';
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

/** What a body says about the two values: anything that its schema has accepted. */
interface Body {
  invoiceDelivery?: unknown;
  portalPermissions?: unknown;
  settings?: unknown;
}

type Delivery = ClientPatch['invoiceDelivery'];

/** One value in both spellings, and as it is now; undefined if it is not given, null if it is unset. */
interface Spelled<T> {
  field: T;
  setting: T;
  now: T;
}

/** A spelling that repeats the present value says nothing, so that what was read can be sent back with one of them changed. */
const isContradiction = ({ field, setting, now }: Spelled<unknown>) =>
  field !== undefined && setting !== undefined && field !== setting && field !== now && setting !== now;

function chosen<T>({ field, setting, now }: Spelled<T>): T {
  if (setting === undefined) return field;
  return field === undefined || field === now ? setting : field;
}

/** A part of permissions: null if all of them are cleared. */
const partOf = (permissions: unknown, part: string): unknown =>
  permissions === null ? null : Object(permissions)[part];

/**
 * A fault for each value that a body gives in both spellings, differently. A spelling that is left out says nothing, and
 * neither does one that repeats the value of `present`.
 */
export function contradictions(body: Body, present?: Spellings): InputFault[] {
  const { invoiceDelivery, portalPermissions } = Object(body.settings);
  const now = present && withoutSecondSpelling(present);
  const fault = (pointer: string): InputFault => ({ pointer, code: 'contradiction', detail: MESSAGE });
  const delivery = { field: body.invoiceDelivery, setting: invoiceDelivery, now: now?.invoiceDelivery };
  const parts = Object.keys(Object(portalPermissions)).filter((part) =>
    isContradiction({
      field: partOf(body.portalPermissions, part),
      setting: partOf(portalPermissions, part),
      now: now && (partOf(now.portalPermissions, part) ?? null),
    }),
  );
  return [
    ...(isContradiction(delivery) ? [fault('/settings/invoiceDelivery')] : []),
    ...parts.map((part) => fault(`/settings/portalPermissions/${part}`)),
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
export function patchOfFields(patch: ClientPatch, present: Spellings): ClientPatch {
  const { settings, ...fields } = patch;
  if (settings === undefined) return patch;
  if (settings === null) return { invoiceDelivery: null, portalPermissions: null, ...fields, settings };
  const { invoiceDelivery, portalPermissions, ...others } = settings;
  const now = withoutSecondSpelling(present);
  const delivery = chosen<Delivery>({
    field: fields.invoiceDelivery,
    setting: invoiceDelivery,
    now: now.invoiceDelivery,
  });
  const permissions = chosenPermissions(fields.portalPermissions, portalPermissions, now.portalPermissions);
  return {
    ...fields,
    ...(delivery !== undefined && { invoiceDelivery: delivery }),
    ...(permissions !== undefined && { portalPermissions: permissions }),
    settings: others,
  };
}

type Permissions = ClientPatch['portalPermissions'];

function chosenPermissions(field: Permissions, setting: Permissions, now: Permissions): Permissions {
  if (setting === undefined || setting === null) return field === undefined ? setting : field;
  if (field === undefined || field === null) return field === null && isRepeated(setting, now) ? null : setting;
  const parts = PortalPermissions.keyof().options;
  const entries = parts.flatMap((part) => {
    const value = chosen({ field: field[part], setting: setting[part], now: now?.[part] ?? null });
    return value === undefined ? [] : [[part, value] as const];
  });
  return Object.fromEntries(entries);
}

/** Whether the parts are as they are now, so that they say nothing. */
function isRepeated(setting: NonNullable<Permissions>, now: Permissions): boolean {
  return PortalPermissions.keyof().options.every(
    (part) => setting[part] === undefined || setting[part] === now?.[part],
  );
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
