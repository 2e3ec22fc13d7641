import { isIP } from 'node:net';
import { show } from '@switchyard/greenlet/scheduler';
import type { Address } from '@switchyard/select';

/** Checks an address with a port. @throws TypeError for another shape; RangeError for a port that cannot be @internal */
export function checkHostAndPort(address: unknown, who: string): Address {
  if (!Array.isArray(address) || typeof address[0] !== 'string' || typeof address[1] !== 'number') {
    throw new TypeError(`Expected an address such as ['127.0.0.1', 8000] for ${who}, got ${show(address)}`);
  }
  const port: number = address[1];
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return address as unknown as Address;
  throw new RangeError(`Expected a port from 0 to 65535 for ${who}, got ${port}`);
}

/** Checks a path. @throws TypeError @internal */
export function checkPath(address: unknown, who: string): Address {
  if (typeof address === 'string' && address !== '') return address;
  throw new TypeError(
    `Expected the path of a Unix socket, as in '/run/echo.sock', for ${who}, got ${show(address)}`,
  );
}

/** An address as Python gives it, with four parts for IPv6; empty for a Unix client, or one that has gone. @internal */
export function addressOf(host: string | undefined, port: number | undefined): Address {
  if (host === undefined || port === undefined) return '';
  return isIP(host) === 6 ? [host, port, 0, 0] : [host, port];
}

/** An address for messages. @internal */
export function formatAddress(address: Address): string {
  if (typeof address === 'string') return address === '' ? 'a client without a name' : address;
  const [host, port] = address;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
