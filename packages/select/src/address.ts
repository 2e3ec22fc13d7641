import { isIP, type AddressInfo } from 'node:net';
import { show } from '@switchyard/greenlet/scheduler';
import { AF_UNIX, type AddressFamily } from './constants.ts';

/** Host and port, or the path of a Unix socket. Python: an address tuple, or a path. */
export type Address = readonly [host: string, port: number, ...rest: unknown[]] | string;

/** Checks an address. @throws TypeError for another shape; RangeError for a port that cannot be @internal */
export function checkAddress(address: unknown, family: AddressFamily, verb: string): Address {
  if (family === AF_UNIX) {
    if (typeof address === 'string' && address !== '') return address;
    throw new TypeError(`Expected a path as the address of a Unix socket for ${verb}, got ${show(address)}`);
  }
  if (!Array.isArray(address) || typeof address[0] !== 'string' || typeof address[1] !== 'number') {
    throw new TypeError(`Expected an address such as ['127.0.0.1', 8000] for ${verb}, got ${show(address)}`);
  }
  const port: number = address[1];
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new RangeError(`Expected a port from 0 to 65535 for ${verb}, got ${port}`);
  }
  return address as unknown as Address;
}

/** An address as Python gives it: with four parts for IPv6. @internal */
export function addressOf(host: string | undefined, port: number | undefined): Address {
  // What Node calls undefined is a Unix socket without a name, or a connection that is gone.
  if (host === undefined || port === undefined) return '';
  if (isIP(host) !== 6) return [host, port];
  const [plain = host, scope] = host.split('%');
  return [plain, port, 0, Number(scope) || 0];
}

/** What a server or a datagram socket is bound to. @internal */
export function boundTo(info: AddressInfo | string | null): Address | null {
  return info === null || typeof info === 'string' ? info : addressOf(info.address, info.port);
}
