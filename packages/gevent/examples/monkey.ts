/** A client that has never heard of greenlets is killed and timed out with the greenlet that uses it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import ky from 'ky';
import { monkey, sleep, spawn, until, withTimeout } from '@switchyard/gevent';

monkey.patchAll();

const server = createServer((request, response) => {
  if (request.url === '/slow')
    response.once('close', () => console.log('the server sees the request aborted'));
  else response.end('a page');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as { port: number };
const client = ky.create({ prefixUrl: `http://127.0.0.1:${port}` });

async function download(path: string): Promise<string> {
  await delay(1); // of node:timers/promises
  return client.get(path).text();
}

console.log(await spawn(() => download('fast')));

const result = await withTimeout(100, () => download('slow'), { value: 'timed out' });
console.log(result);
await sleep(20);

const greenlet = spawn(function* () {
  yield* until(delay(60_000)); // would keep the process alive for a minute
});
await sleep(0);
await greenlet.kill();
console.log(String(greenlet.value));

monkey.unpatchAll();
server.closeAllConnections();
server.close();

// Output:
// a page
// timed out
// the server sees the request aborted
// GreenletExit
