/** A select loop accepts connections and hands each to a greenlet that is free, which deals with it to the end. */
import { all, type Coroutine, Waiter } from '@switchyard/hub';
import {
  createConnection,
  createServer,
  select,
  type Socket,
  sockAccept,
  sockRecv,
  sockSendall,
} from '@switchyard/select';

/** Greenlets that are free, and connections that nobody was free for. */
const free: Waiter<Socket | null>[] = [];
const waiting: (Socket | null)[] = [];

function handOver(connection: Socket | null): void {
  const worker = free.shift();
  if (worker === undefined) waiting.push(connection);
  else worker.wake(connection);
}

function* next(): Coroutine<Socket | null> {
  const first = waiting.shift();
  if (first !== undefined) return first;
  const turn = new Waiter<Socket | null>();
  free.push(turn);
  return yield* turn;
}

function* worker(name: string): Coroutine<string> {
  let count = 0;
  for (;;) {
    const connection = yield* next();
    if (connection === null) return `${name} served ${count}`;
    for (;;) {
      const bytes = yield* sockRecv(connection, 1024);
      if (bytes.length === 0) break;
      yield* sockSendall(connection, Buffer.from(`${name}: ${bytes.toString()}`));
    }
    connection.close();
    count++;
  }
}

function* accept(listener: Socket, connections: number): Coroutine {
  for (let taken = 0; taken < connections; taken++) {
    yield* select([listener], [], []);
    const [connection] = yield* sockAccept(listener);
    handOver(connection);
  }
  // One for each: there is nothing more to do.
  handOver(null);
  handOver(null);
}

function* clients(listener: Socket): Coroutine<string[]> {
  const answers: string[] = [];
  for (const text of ['one', 'two', 'three', 'four']) {
    using client = yield* createConnection(listener.getsockname());
    yield* sockSendall(client, Buffer.from(text));
    answers.push((yield* sockRecv(client, 1024)).toString());
  }
  return answers;
}

const listener = await createServer(['127.0.0.1', 0]);
const [anna, bert, answers] = await all([
  worker('Anna'),
  worker('Bert'),
  clients(listener),
  accept(listener, 4),
]);
console.log(answers);
console.log(anna, bert);
listener.close();

// Output:
// [ 'Anna: one', 'Bert: two', 'Anna: three', 'Bert: four' ]
// Anna served 2 Bert served 2
