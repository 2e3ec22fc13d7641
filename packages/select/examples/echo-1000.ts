/** An echo server for a thousand connections, in one loop. */
import {
  createConnection,
  createServer,
  DefaultSelector,
  EVENT_READ,
  EVENT_WRITE,
  type Socket,
  sockRecv,
  sockSendall,
} from '@switchyard/select';

const CLIENTS = 1000;

/** What a connection is called for, and what it has to send yet. */
interface State {
  ready(socket: Socket, events: number): void;
  rest: Uint8Array | null;
}

using selector = new DefaultSelector<State>();
const listener = await createServer(['127.0.0.1', 0]);
let most = 0;
let ended = 0;

function accept(): void {
  for (let next = listener.tryAccept(); next !== null; next = listener.tryAccept()) {
    selector.register(next[0], EVENT_READ, { ready: echo, rest: null });
  }
  most = Math.max(most, selector.getMap()!.size - 1);
  if (most === CLIENTS) allThere();
}

function echo(this: State, socket: Socket, events: number): void {
  if ((events & EVENT_READ) !== 0 && this.rest === null) {
    const bytes = socket.recv(65_536);
    if (bytes.length === 0) {
      selector.unregister(socket);
      socket.close();
      ended++;
      return;
    }
    this.rest = bytes;
  }
  if (this.rest === null) return;
  const sent = socket.trySend(this.rest) ?? 0;
  this.rest = sent === this.rest.length ? null : this.rest.subarray(sent);
  // Only one who has something to send wants to hear that there is room.
  const wanted = this.rest === null ? EVENT_READ : EVENT_WRITE;
  if (selector.getKey(socket).events !== wanted) selector.modify(socket, wanted, this);
}

async function serve(): Promise<void> {
  selector.register(listener, EVENT_READ, { ready: accept, rest: null });
  while (ended < CLIENTS) {
    for (const [key, events] of await selector.select()) key.data.ready(key.fileobj, events);
  }
}

async function client(number: number, all: Promise<unknown>): Promise<boolean> {
  using socket = await createConnection(listener.getsockname());
  await all;
  const text = `hello from ${number}`;
  await sockSendall(socket, Buffer.from(text));
  return (await sockRecv(socket, 100)).toString() === text;
}

let allThere!: () => void;
const everybody = new Promise<void>((resolve) => (allThere = resolve));
const serving = serve();
const right = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(i, everybody)));
await serving;
listener.close();
console.log(`${right.filter(Boolean).length} echoes, ${most} connections at once`);

// Output:
// 1000 echoes, 1000 connections at once
