/** A parameter of a map, such as `metadata[crm]`. */
const ENTRY = /^([A-Za-z]+)\[(.+)\]$/;

/**
 * Query parameters with the entries of maps gathered: `metadata[crm]=42` becomes `{ metadata: { crm: '42' } }`. A name that
 * is no parameter of the route stays as it is, so that it is reported as it was sent.
 */
export function gatherMaps(
  parameters: Readonly<Record<string, string | undefined>>,
  names: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const maps = new Map<string, [string, string | undefined][]>();
  const plain: [string, unknown][] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const [, map = '', key = ''] = ENTRY.exec(name) ?? [];
    // Schemas of maps skip a key `__proto__`, so it would not be reported.
    const isEntry = map !== '' && key !== '__proto__' && Object.hasOwn(names, map) && !Object.hasOwn(parameters, map);
    if (!isEntry) plain.push([name, value]);
    else maps.set(map, [...(maps.get(map) ?? []), [key, value]]);
  }
  return Object.fromEntries([...plain, ...[...maps].map(([name, entries]) => [name, Object.fromEntries(entries)])]);
}
