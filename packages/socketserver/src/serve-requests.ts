/** What a thread or a process runs that handles the requests of a server. */
import type { Socket as NetSocket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { Socket } from '@switchyard/gevent';
import { type Coroutine, Waiter } from '@switchyard/hub';
import { currentTask, task } from '@switchyard/remote';
import { onHandle } from '@switchyard/remote/core';
import { Desk, type Settings } from './desk.ts';
import { RelayedSocket } from './relayed-socket.ts';
import { RelayedStream } from './relayed-stream.ts';
import type { HandlerClass } from './request-handler.ts';
import { type FromWorker, GIVE, KILL, type Outlet, READY, type ToWorker } from './wire.ts';

/** What these are called in messages. @internal */
export const ARGUMENTS: readonly string[] = ['RequestHandlerClass', 'options', 'port'];

/** In a thread. It ends when it is killed. @internal */
export const serveInThread = task(
  import.meta,
  'serveInThread',
  function* (Handler: HandlerClass, settings: Settings, port: MessagePort): Coroutine {
    const outlet = port as unknown as Outlet;
    const desk = new Desk(Handler, settings, (news) => outlet.postMessage(news));
    const streams = new Map<number, RelayedStream>();
    port.on('message', (message: ToWorker) => {
      const [kind, id] = message;
      if (kind === KILL) desk.kill(id);
      else if (kind !== GIVE) streams.get(id)?.receive(message);
      else if (message[3] === null) {
        const connection = message[4] as NetSocket;
        desk.take(id, message[2], connection, () => new Socket(connection));
      } else {
        const [, , peer, own] = message;
        const stream = new RelayedStream(outlet, id);
        streams.set(id, stream);
        stream.once('close', () => streams.delete(id));
        desk.take(id, peer, stream, () => new RelayedSocket(stream, peer, own));
      }
    });
    outlet.postMessage([READY]);
    try {
      yield* new Waiter<never>();
    } finally {
      yield* desk.close();
      port.close();
    }
  },
);

/** In a process. It ends when it is killed. @internal */
export const serveInProcess = task(
  import.meta,
  'serveInProcess',
  function* (Handler: HandlerClass, settings: Settings): Coroutine {
    const { emit } = bound(currentTask());
    const desk = new Desk(Handler, settings, emit);
    const away = onHandle((given, connection) => {
      const message = given as ToWorker;
      if (message[0] === KILL) desk.kill(message[1]);
      else if (message[0] === GIVE && connection !== undefined) {
        desk.take(message[1], message[2], connection, () => new Socket(connection));
      }
    });
    emit([READY]);
    try {
      yield* new Waiter<never>();
    } finally {
      away();
      yield* desk.close();
    }
  },
);

function bound(link: { emit(news: unknown): void }): { emit: (news: FromWorker) => void } {
  return { emit: (news) => link.emit(news) };
}
