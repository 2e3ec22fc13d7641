/** A TCP server that answers in upper case: with a process for each connection, and with a pool of them. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Connection, EOFError, isMain, Pipe, Pool, Process, task } from '@switchyard/multiprocessing';

/** Answers all that comes through a pipe, until nothing more does. */
export const serve = task(import.meta, 'serve', function* (pipe: Connection) {
  try {
    for (;;) yield* pipe.send(String(yield* pipe.recv()).toUpperCase());
  } catch (error) {
    if (!(error instanceof EOFError)) throw error;
  }
});

/** Has whatever comes over a socket go through a pipe, and what comes back over the socket. */
async function relay(socket: Socket, pipe: Connection<string>): Promise<void> {
  for await (const text of socket.setEncoding('utf8')) {
    await pipe.send(text);
    socket.write(await pipe.recv());
  }
  pipe.close();
}

function listen(work: (pipe: Connection) => void): Server {
  return createServer((socket) => {
    const [here, there] = Pipe();
    work(there);
    there.close();
    void relay(socket, here as Connection<string>);
  }).listen(0, '127.0.0.1');
}

async function talk(server: Server, text: string): Promise<string> {
  const { port } = server.address() as { port: number };
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  socket.write(text);
  const [answer] = (await once(socket, 'data')) as [string];
  socket.end();
  return answer;
}

async function session(name: string, server: Server): Promise<void> {
  await once(server, 'listening');
  const answers = await Promise.all(['hello', 'world'].map((text) => talk(server, text)));
  console.log(`${name}: ${answers.join(' ')}`);
  server.close();
  await once(server, 'close');
}

if (isMain(import.meta)) {
  const forking = listen((pipe) => new Process({ target: serve, args: [pipe] }).start());
  await session('a process each', forking);

  const pool = new Pool(2);
  await session(
    'a pool',
    listen((pipe) => pool.applyAsync(serve, [pipe])),
  );
  pool.close();
  await pool.join();
}

// Output:
// a process each: HELLO WORLD
// a pool: HELLO WORLD
