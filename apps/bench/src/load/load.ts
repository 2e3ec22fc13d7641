/**
 * The load in Node, for machines without a C compiler that knows epoll: the same commands as those of `c/load.c`, whose head
 * says what they do.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

const [host = '127.0.0.1', port = '', length = ''] = process.argv.slice(2);
const message = Buffer.from(Array.from({ length: Number(length) }, (_, i) => 97 + (i % 23)));
const block = Buffer.alloc(65_536);
/** Connections of a churn that there are at a time. */
const CHURN = 16;
let connections: Connection[] = [];

async function open(): Promise<Socket> {
  const socket = connect({ host, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** One that sends a message, and hears its echo, before the next. */
class Connection {
  readonly socket: Socket;
  complete: () => void;
  private heard: number;

  constructor(socket: Socket) {
    this.socket = socket;
    this.heard = 0;
    this.complete = () => {};
    socket.on('data', (bytes) => this.hear(bytes));
  }

  begin(): void {
    this.socket.write(message);
  }

  private hear(bytes: Buffer): void {
    if (message.compare(bytes, 0, bytes.length, this.heard, this.heard + bytes.length) !== 0)
      throw new Error('the echo is not what was sent');
    this.heard += bytes.length;
    if (this.heard < message.length) return;
    this.heard = 0;
    this.complete();
  }
}

function exchange(n: number): Promise<void> {
  return new Promise((resolve) => {
    let begun = 0;
    let complete = 0;
    const begin = (one: Connection): void => {
      if (begun === n) return;
      begun++;
      one.begin();
    };
    for (const one of connections) {
      one.complete = () => {
        if (++complete === n) resolve();
        else begin(one);
      };
      begin(one);
    }
  });
}

/** Sends as much as it can, until it is told to end; what is on its way then is heard still. */
async function flood(): Promise<() => Promise<void>> {
  const socket = await open();
  let [on, sent, received] = [true, 0, 0];
  let heard = (): void => {};
  const all = new Promise<void>((resolve) => (heard = resolve));
  const fill = (): void => {
    let room = true;
    while (on && room) {
      room = socket.write(block);
      sent += block.length;
    }
  };
  socket.on('drain', fill).on('data', (bytes) => {
    received += bytes.length;
    if (!on && received === sent) heard();
  });
  fill();
  return async () => {
    on = false;
    if (received < sent) await all;
    socket.destroy();
  };
}

/** Makes connections, some at a time, each of which sends a message, hears its echo, and ends. */
async function churn(n: number): Promise<void> {
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < n) {
      begun++;
      const socket = await open();
      const one = new Connection(socket);
      await new Promise<void>((resolve) => {
        one.complete = resolve;
        one.begin();
      });
      socket.destroy();
    }
  };
  await Promise.all(Array.from({ length: CHURN }, lane));
}

async function obey(verb: string, n: number): Promise<void> {
  switch (verb) {
    case 'connect':
      connections.push(
        ...(await Promise.all(Array.from({ length: n }, open))).map((each) => new Connection(each)),
      );
      return;
    case 'send':
      for (const one of connections.slice(0, n)) one.begin();
      return;
    case 'echo':
    case 'flood':
      return exchange(n);
    case 'churn':
      return churn(n);
    case 'close':
      for (const { socket } of connections) socket.destroy();
      connections = [];
      return;
    default:
      throw new Error(`Expected connect, send, echo, flood, churn or close, got ${verb}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const [verb = '', count = '0'] = line.split(' ');
  const calm = verb === 'flood' ? await flood() : undefined;
  await obey(verb, Number(count));
  process.stdout.write('done\n');
  await calm?.();
}
process.exit(0);
