import { filled, isMarkOf } from './marks.ts';
import type { Variables } from './variables.ts';

/** The link into the portal as it is; undefined where it is none. A laptop's has no TLS. */
export function portalLink(variables: Variables): string | undefined {
  return addressOf(variables['portal.link'] ?? '', /^https?:$/);
}

/** Where a marked link leads; undefined where the values make none of it. Values are data in an address, never its parts. */
export function linkOf(href: string, variables: Variables): string | undefined {
  if (isMarkOf('portal.link', href)) return portalLink(variables);
  return addressOf(
    filled(href, variables, { words: (words) => words, value: encodeURIComponent }),
    /^(https|mailto):$/,
  );
}

function addressOf(text: string, protocol: RegExp): string | undefined {
  const url = URL.parse(text);
  return url && protocol.test(url.protocol) ? url.href : undefined;
}
