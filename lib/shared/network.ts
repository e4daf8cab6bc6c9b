import { isIPv6 } from 'node:net';

/** The groups of an IPv6 address that name a network of its owner. The rest are the owner's to choose. */
const NETWORK_GROUPS = 4;

/**
 * The network that an IP address is counted as: an IPv4 address itself, and of an IPv6 address its /64, because whoever has
 * one address of it has all.
 */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [withoutZone = ''] = address.split('%');
  // A URL has the shortest form of the address, in hexadecimal.
  const [head = '', tail] = new URL(`http://[${withoutZone}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  const isMappedIPv4 = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff';
  return isMappedIPv4 ? ipv4Of(groups) : `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`;
}

const groupsOf = (text: string) => (text === '' ? [] : text.split(':'));

function ipv4Of(groups: readonly string[]): string {
  const bytes = groups.slice(6).flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return bytes.join('.');
}
