import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isLoopbackHost, isPrivateAddress } from '../url/private.ts';
import type { FetchSettings } from './settings.ts';

/** A request would go to an address that only machines nearby can reach. */
export class PrivateAddressError extends Error {
  override readonly name = 'PrivateAddressError';
  readonly code = 'ERR_PRIVATE_ADDRESS';

  constructor(hostname: string, address: string) {
    const where = hostname === address ? address : `${hostname} (${address})`;
    super(`${where} is a private address; name it as a start URL or pass --allow-private to fetch from it`);
  }
}

/**
 * Keeps links from leading the crawler into the network it runs in (server-side request forgery).
 *
 * An address in a URL is checked before anything is sent; it never goes through a look-up. The addresses of a name are
 * checked in the look-up itself, whose answer is what is connected to: a name that changes its address between a check
 * and its use gains nothing.
 */
export class AddressGuard {
  readonly #off: boolean;
  readonly #allowedHosts: ReadonlySet<string>;
  readonly #allowedNames: ReadonlySet<string>;

  constructor(settings: Pick<FetchSettings, 'allowPrivate' | 'allowedHosts'>) {
    this.#off = settings.allowPrivate;
    this.#allowedHosts = new Set(settings.allowedHosts);
    this.#allowedNames = new Set(settings.allowedHosts.map((host) => host.replace(/:\d+$/, '')));
  }

  /** @throws PrivateAddressError when the host of `url` is a private address, or this machine by name. */
  check(url: string): void {
    if (this.#off) return;
    const host = hostOf(url);
    if (this.#allowedHosts.has(host)) return;
    const name = host.replace(/:\d+$/, '');
    if (isLoopbackHost(name) || isPrivateAddress(name)) throw new PrivateAddressError(name, name);
  }

  /** Looks a name up and leaves out private addresses. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const open = this.#off || this.#allowedNames.has(hostname);
      const addresses = open ? found : found.filter(({ address }) => !isPrivateAddress(address));
      const [first] = addresses;
      if (first === undefined)
        callback(new PrivateAddressError(hostname, found[0]?.address ?? 'no address'), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** `host:port` of a canonical URL. */
export function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

/** What to allow for a start URL: its host and port; both usual ports when it has one of them. */
export function hostsOfSeed(url: string): string[] {
  const host = hostOf(url);
  const usual = /:(?:80|443)$/;
  return usual.test(host) ? [host.replace(usual, ':80'), host.replace(usual, ':443')] : [host];
}
