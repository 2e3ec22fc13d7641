import { isIP } from 'node:net';

/**
 * Whether `address` (an IPv4 or IPv6 literal, brackets allowed) is one that only machines nearby can reach: loopback,
 * private networks, link-local (cloud metadata services live there), carrier NAT, multicast, reserved, and IPv6
 * spellings of any of these.
 *
 * @returns `false` for what is not an IP address at all.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.startsWith('[') ? address.slice(1, -1) : address;
  const zone = bare.indexOf('%');
  const plain = zone < 0 ? bare : bare.slice(0, zone);
  const family = isIP(plain);
  if (family === 4) return isPrivateV4(plain.split('.').map(Number));
  if (family === 6) return isPrivateV6(groupsOf(plain));
  return false;
}

/** Whether `hostname`, as `URL` spells it, names this very machine. */
export function isLoopbackHost(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}

function isPrivateV4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b <= 127) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b <= 31) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && (c === 0 || c === 2)) ||
    (a === 198 && (b === 18 || b === 19)) ||
    (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113) ||
    a >= 224
  );
}

function isPrivateV6(groups: readonly number[]): boolean {
  const [first = 0, second = 0] = groups;
  const leadingZeros = groups.findIndex((group) => group !== 0);
  if (leadingZeros < 0) return true; // ::
  if (leadingZeros === 7 && groups[7] === 1) return true; // ::1
  if (first >= 0xfc00 && first <= 0xfdff) return true; // unique local
  if (first >= 0xfe80 && first <= 0xfeff) return true; // link-local and the old site-local
  if (first >= 0xff00) return true; // multicast
  if (first === 0x2001 && second === 0xdb8) return true; // documentation
  if (first === 0x100 && second === 0) return true; // discard
  if (leadingZeros >= 6 || (leadingZeros === 5 && groups[5] === 0xffff)) return embedded(groups, 6); // ::a.b.c.d, ::ffff:a.b.c.d
  if (leadingZeros === 4 && groups[4] === 0xffff) return embedded(groups, 6); // ::ffff:0:a.b.c.d, translated
  if (first === 0x64 && second === 0xff9b) return embedded(groups, 6); // NAT64
  if (first === 0x2002) return embedded(groups, 1); // 6to4
  return false;
}

function embedded(groups: readonly number[], at: number): boolean {
  const high = groups[at] ?? 0;
  const low = groups[at + 1] ?? 0;
  return isPrivateV4([high >> 8, high & 255, low >> 8, low & 255]);
}

/** The eight 16-bit groups of a valid IPv6 literal. */
function groupsOf(address: string): number[] {
  let text = address;
  const dotted = text.lastIndexOf('.') < 0 ? undefined : text.slice(text.lastIndexOf(':') + 1);
  if (dotted !== undefined) {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
    text = `${text.slice(0, -dotted.length)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [head = '', tail] = text.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const gap = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...(tail === undefined ? [] : gap), ...back].map((group) => Number.parseInt(group, 16));
}
