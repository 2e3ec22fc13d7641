/** An HTTP server: when a client goes away, what was being done for it is given up, wherever it waits. */
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Event, fetch, closeConnections, httpHandler, sleep } from '@switchyard/gevent';

const begun = new Event();
const cleaned = new Event();

const handler = httpHandler(
  function* (request, response) {
    if (request.url === '/quick') {
      yield* sleep(5);
      response.end('here you are');
      return;
    }
    try {
      begun.set();
      yield* sleep(60_000); // a query that takes long
      response.end('too late');
    } finally {
      console.log('the query is given up');
      cleaned.set();
    }
  },
  { spawn: 100 },
);

const server = createServer(handler).listen(0, '127.0.0.1');
await new Promise((resolve) => void server.once('listening', resolve));
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

console.log(await (await fetch(`${url}/quick`)).text());

const impatient = get(`${url}/slow`).on('error', () => console.log('the client is gone'));
await begun.wait();
impatient.destroy();
await cleaned.wait();

server.close();
await handler.stop({ grace: 5000 });
closeConnections();

// Output:
// here you are
// the client is gone
// the query is given up
