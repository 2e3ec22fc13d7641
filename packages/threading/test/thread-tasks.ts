/** The tasks that the tests of threads run. */
import { type Coroutine, sleep } from '@switchyard/hub';
import { currentTask, register, task } from '@switchyard/remote';
import {
  activeCount,
  currentThread,
  type Event,
  enumerate,
  type Lock,
  local,
  mainThread,
  type Queue,
  Thread,
} from '../src/index.ts';

export const double = task(import.meta, 'double', (n: number) => n * 2);

export const waitFor = task(import.meta, 'waitFor', function* (event: Event) {
  return yield* event.wait();
});

export const whoAmI = task(import.meta, 'whoAmI', () => {
  const thread = currentThread();
  return {
    name: thread.name,
    ident: thread.ident,
    daemon: thread.daemon,
    alive: thread.isAlive(),
    main: mainThread().name,
    mainIdent: mainThread().ident,
    listed: enumerate().map(({ name }) => name),
    active: activeCount(),
  };
});

export const fail = task(import.meta, 'fail', () => {
  throw Object.assign(new RangeError('out of reach', { cause: new TypeError('too short') }), {
    code: 'E_ARM',
  });
});

export const exit = task(import.meta, 'exit', (code: number) => process.exit(code));

export const spin = task(import.meta, 'spin', (event: Event) => {
  event.set();
  for (;;);
});

/** Ends by itself when it is told to, also where it never waits. */
export const spinPolitely = task(import.meta, 'spinPolitely', (event: Event) => {
  event.set();
  while (!currentTask().cancelled);
  return 'stopped';
});

export const cleanUp = task(import.meta, 'cleanUp', function* (begun: Event, log: Queue<string>) {
  try {
    begun.set();
    yield* sleep(60_000);
  } finally {
    yield* sleep(1);
    yield* log.put('cleaned up');
  }
});

export const hold = task(
  import.meta,
  'hold',
  (lock: Lock, how: 'exit' | 'throw' | 'return' | 'spin', held: Event) => {
    lock.acquireSync();
    held.set();
    if (how === 'exit') process.exit(1);
    if (how === 'throw') throw new Error('thrown while holding it');
    while (how === 'spin');
  },
);

const data = new local<{ n?: number }>();

export const countLocal = task(import.meta, 'countLocal', () => {
  data.n = (data.n ?? 0) + 1;
  return data.n;
});

export const setLocal = task(import.meta, 'setLocal', (given: { n?: number }) => {
  const before = given.n;
  given.n = 7;
  return before;
});

export const startChild = task(import.meta, 'startChild', (done: Event, daemon: boolean) => {
  new Thread({ target: setLater, args: [done], daemon }).start();
  return 'parent has ended';
});

export const setLater = task(import.meta, 'setLater', function* (done: Event) {
  yield* sleep(50);
  done.set();
});

export class Shout extends Thread<boolean> {
  readonly text: string;
  readonly done: Event;
  result: string | undefined;
  words: string[];
  counts: Map<string, number>;

  constructor(text: string, done: Event) {
    super({ name: 'shout' });
    this.text = text;
    this.done = done;
    this.words = [];
    this.counts = new Map();
  }

  override *run(): Coroutine<boolean> {
    yield* sleep(0);
    this.result = this.text.toUpperCase();
    this.words.push(...this.text.split(' '));
    for (const word of this.words) this.counts.set(word, word.length);
    this.done.set();
    return currentThread() === this;
  }
}
register(import.meta, Shout);

export const unsendable = task(import.meta, 'unsendable', (): unknown => ({ list: [1, () => 1] }));

export class Unregistered extends Thread {
  override run(): void {}
}
