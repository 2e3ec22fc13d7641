import { fetch } from '@switchyard/gevent';
import { requestHeaders } from '../fetch/request-headers.ts';
import type { FetchSettings } from '../fetch/settings.ts';
import type { JobKind } from '../job.ts';
import { acceptedCodings } from '@switchyard/gevent/codings';

/** A request as it is sent. */
export interface RequestHead {
  readonly bytes: Buffer;
  /** Whether the connection is of no use after it, as the user wants. */
  readonly last: boolean;
}

/** What the requests for one kind of job have in common. */
export class RequestHeads {
  readonly #host: string | undefined;
  readonly #last: boolean;
  readonly #rest: string;

  /** @throws TypeError for a header that cannot be sent */
  constructor(settings: FetchSettings, kind: JobKind) {
    const headers = requestHeaders(settings, kind);
    // Making a fetch checks its headers; nothing is sent before somebody waits for it.
    void fetch('http://localhost/', { headers });
    let host: string | undefined;
    let last = false;
    let rest = '';
    let encoding = `accept-encoding: ${acceptedCodings}\r\n`;
    for (const [name, given] of headers) {
      const value = given.trim();
      const lower = name.toLowerCase();
      if (lower === 'host') host = value;
      else if (lower === 'connection') last ||= /(?:^|,)\s*close\s*(?:,|$)/i.test(value);
      else if (lower !== 'content-length') rest += `${name}: ${value}\r\n`;
      if (lower === 'accept-encoding') encoding = '';
    }
    this.#host = host;
    this.#last = last;
    this.#rest = `connection: ${last ? 'close' : 'keep-alive'}\r\n${rest}${encoding}\r\n`;
  }

  /** The request for `url`. */
  of(url: URL): RequestHead {
    const host = this.#host ?? url.host;
    const text = `GET ${url.pathname}${url.search} HTTP/1.1\r\nhost: ${host}\r\n${this.#rest}`;
    return { bytes: Buffer.from(text, 'latin1'), last: this.#last };
  }
}
