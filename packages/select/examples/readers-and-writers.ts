/**
 * Readers and writers in lists of their own: a connection is in the second one only while something waits to be sent, so that
 * the loop sleeps when there is nothing to do, and a slow reader holds nobody up.
 */
import { createServer, createConnection, select, SHUT_WR, type Socket, sockRecv } from '@switchyard/select';

const listener = await createServer(['127.0.0.1', 0]);
const readers = new Set<Socket>([listener]);
const outgoing = new Map<Socket, Buffer>();
let served = 0;

async function serve(): Promise<void> {
  while (served < 2) {
    const [readable, writable] = await select(readers, outgoing.keys(), []);
    for (const socket of readable) {
      if (socket === listener) {
        readers.add(listener.accept()[0]);
        continue;
      }
      // The request is a number of bytes that is asked for.
      const size = Number(socket.recv(100).toString());
      readers.delete(socket);
      outgoing.set(socket, Buffer.alloc(size, '.'));
    }
    for (const socket of writable) {
      const rest = outgoing.get(socket)!;
      const sent = socket.send(rest);
      if (sent < rest.length) outgoing.set(socket, rest.subarray(sent));
      else {
        outgoing.delete(socket);
        socket.close();
        served++;
      }
    }
  }
}

async function download(size: number, finish: string[]): Promise<void> {
  using client = await createConnection(listener.getsockname());
  client.send(Buffer.from(String(size)));
  client.shutdown(SHUT_WR);
  let received = 0;
  for (let bytes = await sockRecv(client, 65_536); bytes.length > 0; bytes = await sockRecv(client, 65_536)) {
    received += bytes.length;
  }
  finish.push(`${received} bytes`);
}

const finished: string[] = [];
await Promise.all([serve(), download(20_000_000, finished), download(10, finished)]);
console.log(finished);
listener.close();

// Output:
// [ '10 bytes', '20000000 bytes' ]
