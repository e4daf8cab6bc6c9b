import { S3Error } from './error.ts';

/** An element: its text, or the elements in it. A list is an element that repeats. */
export type Xml = string | number | boolean | { [name: string]: Xml | Xml[] | undefined };

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** A document of S3 with the given root. */
export function xmlDocument(root: string, content: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${inner(content)}</${root}>`;
}

export function xmlError({ code, message }: S3Error, resource: string, requestId: string): string {
  const content = inner({ Code: code, Message: message, Resource: resource, RequestId: requestId, HostId: 'local' });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content}</Error>`;
}

function inner(content: Xml): string {
  if (typeof content !== 'object') return escapeText(String(content));
  return Object.entries(content)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value] as const],
    )
    .map(([name, value]) => (value === undefined ? '' : `<${name}>${inner(value)}</${name}>`))
    .join('');
}

/** What XML cannot hold at all becomes a reference, as S3 writes it. */
function escapeText(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them
  return text.replace(/[&<>"\u0000-\u001f]/g, (one) => names[one] ?? `&#${one.charCodeAt(0)};`);
}

export type ObjectToDelete = { key: string; versionId: string | undefined };

/**
 * Reads the body of DeleteObjects.
 *
 * @throws S3Error when it is not one
 */
export function readDeleteRequest(xml: string): { objects: ObjectToDelete[]; quiet: boolean } {
  const objects = [...xml.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, object = '']) => ({
    key: element(object, 'Key'),
    versionId: element(object, 'VersionId'),
  }));
  const named = objects.flatMap(({ key, versionId }) => (key ? [{ key, versionId }] : []));
  if (!/<Delete[\s>]/.test(xml) || named.length === 0 || named.length < objects.length || named.length > 1000)
    throw new S3Error(
      400,
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  return { objects: named, quiet: element(xml.replace(/<Object>.*?<\/Object>/gs, ''), 'Quiet') === 'true' };
}

function element(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml) ?? [];
  return text === undefined ? undefined : unescapeText(text);
}

function unescapeText(text: string): string {
  const names: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return names[name ?? ''] ?? whole;
  });
}
