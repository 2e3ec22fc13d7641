/** What the tests of sockets and servers share. */
import type { Address } from '@switchyard/select';
import { getHub } from '@switchyard/hub';
import {
  connect,
  type Coroutine,
  type Socket,
  socketpair,
  sleep,
  StreamServer,
  type StreamServerOptions,
} from '../src/index.ts';
import { thrownIn } from './support.ts';

/** A body with two connected sockets, in a greenlet. */
export function pair(body: (near: Socket, far: Socket) => Coroutine<void>): () => Coroutine<void> {
  return function* () {
    const [near, far] = yield* socketpair();
    using _near = near;
    using _far = far;
    yield* body(near, far);
  };
}

/** Sends piece by piece, so that each arrives by itself. */
export function* drip(socket: Socket, ...pieces: string[]): Coroutine<void> {
  for (const piece of pieces) {
    yield* socket.sendall(piece);
    yield* sleep(2);
  }
}

/** A free port of this machine. */
export const LOCAL: Address = ['127.0.0.1', 0];

/** Sends back what comes. */
export function* echo(socket: Socket): Coroutine {
  for (;;) {
    const bytes = yield* socket.recv();
    if (bytes.length === 0) return;
    yield* socket.sendall(bytes);
  }
}

/** Sends a line and gives the one that comes back. */
export function* ask(server: StreamServer, line = 'hello\n'): Coroutine<string> {
  using client = yield* connect(server.address);
  yield* client.sendall(line);
  return yield* client.readline({ encoding: 'utf8', timeout: 5000 });
}

/** Has a body run beside a server that is stopped afterwards. */
export function serving(
  handle: (socket: Socket, address: Address) => unknown,
  body: (server: StreamServer) => Coroutine,
  options: StreamServerOptions = {},
): () => Coroutine {
  return function* () {
    const server = new StreamServer(LOCAL, handle, options);
    try {
      yield* server.start();
      yield* body(server);
    } finally {
      yield* server.stop({ grace: 0 });
    }
  };
}

/** Catches what is reported, as `name: message`. */
export function* reports(body: () => Coroutine): Coroutine<string[]> {
  const hub = getHub();
  const before = hub.onError;
  const found: string[] = [];
  hub.onError = (error, greenlet) => found.push(`${greenlet?.name}: ${(error as Error).message}`);
  try {
    yield* body();
    yield* sleep(5);
  } finally {
    hub.onError = before;
  }
  return found;
}

/** What waiting for something throws, to be looked into. */
export function* errorOf(wait: Iterable<unknown> | (() => Generator<any, unknown, any>)): Coroutine<any> {
  return yield* thrownIn(wait);
}
