import { connect } from 'node:net';
import { once } from 'node:events';

/** Connections that are kept open, and how long they are kept busy, in milliseconds. */
const CONNECTIONS = 16;
const WARM = 250;
const MEASURED = 600;

/**
 * What a site can do by itself: pages a second, over connections that are kept open, each of which asks again as soon as it has an
 * answer. The client is as cheap as can be: it counts bytes and reads none.
 *
 * @param url of a page whose every answer has the same length
 * @param served how many requests the site has had so far, as the site itself says
 */
export async function capacityOf(url: string, served: () => Promise<number>): Promise<number> {
  const { hostname, port, host, pathname } = new URL(url);
  const request = Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\n\r\n`);
  const length = await lengthOf(hostname, Number(port), request);
  const sockets = Array.from({ length: CONNECTIONS }, () => {
    const socket = connect(Number(port), hostname);
    let missing = length;
    socket.setNoDelay(true).on('error', () => {});
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      missing -= chunk.length;
      if (missing > 0) return;
      missing += length;
      socket.write(request);
    });
    return socket;
  });
  try {
    await pause(WARM);
    const before = await served();
    const start = performance.now();
    await pause(MEASURED);
    return Math.round(((await served()) - before) / ((performance.now() - start) / 1000));
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Bytes of an answer, its head included; the head says how long the body is. */
async function lengthOf(hostname: string, port: number, request: Buffer): Promise<number> {
  const socket = connect(port, hostname);
  try {
    await once(socket, 'connect');
    socket.write(request);
    let seen = '';
    for (;;) {
      seen += String((await once(socket, 'data'))[0]);
      const head = seen.indexOf('\r\n\r\n');
      if (head < 0) continue;
      const body = /\r\ncontent-length: (\d+)\r\n/i.exec(seen.slice(0, head + 2))?.[1];
      if (body === undefined) throw new Error('The demo site does not say how long its pages are');
      return head + 4 + Number(body);
    }
  } finally {
    socket.destroy();
  }
}
