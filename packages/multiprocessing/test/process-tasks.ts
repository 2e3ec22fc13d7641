/** What the processes of process.test.ts run. */
import { type Coroutine, sleep } from '@switchyard/hub';
import { currentTask, register, task } from '@switchyard/remote';
import { activeChildren, currentProcess, parentProcess } from '../src/current-process.ts';
import { Process } from '../src/process.ts';
import { inherit } from '../src/process-role.ts';

export const give = task(import.meta, 'give', (...args: unknown[]) => args);

export const add = task(
  import.meta,
  'add',
  function* (a: number, b: number, options: { times?: number } = {}) {
    yield* sleep(1);
    return (a + b) * (options.times ?? 1);
  },
);

export const whoAmI = task(import.meta, 'whoAmI', async () => {
  const self = currentProcess();
  const parent = parentProcess();
  let joined = '';
  try {
    void self.join();
  } catch (error) {
    joined = String(error);
  }
  return {
    name: self.name,
    pid: self.pid,
    real: process.pid,
    daemon: self.daemon,
    alive: self.isAlive(),
    exitcode: self.exitcode,
    authkey: self.authkey.toString('hex'),
    parent: parent?.name,
    parentPid: parent?.pid,
    parentAlive: parent?.isAlive(),
    parentJoined: await parent?.join({ timeout: 1 }),
    children: activeChildren().length,
    joined,
  };
});

export const wait = task(import.meta, 'wait', function* () {
  yield* sleep(60_000);
});

export const fail = task(import.meta, 'fail', () => {
  currentTask().emit(['error', { value: 'not this' }]);
  throw Object.assign(new RangeError('out of reach', { cause: new TypeError('too short') }), {
    code: 'E_ARM',
  });
});

export const exit = task(import.meta, 'exit', (code: number) => process.exit(code));

export const throwLater = task(import.meta, 'throwLater', async () => {
  setTimeout(() => {
    throw new RangeError('late');
  }, 1);
  await new Promise(() => {});
});

export const unsendable = task(import.meta, 'unsendable', () => ({ list: [1, () => 2] }));

/** Leaves a timer and a listener behind, which do not keep a process. */
export const leave = task(import.meta, 'leave', () => {
  setInterval(() => {}, 1000);
  return 'left';
});

/** Starts a child that has a child; gives the names. */
export const family: (depth: number) => Coroutine<string[]> = task(
  import.meta,
  'family',
  function* (depth: number): Coroutine<string[]> {
    if (depth === 0) return [currentProcess().name];
    const child = new Process({ target: family, args: [depth - 1] });
    child.start();
    return [currentProcess().name, ...(yield* child)];
  },
);

/** What a daemon is told when it starts a process. */
export const startAsDaemon = task(import.meta, 'startAsDaemon', () => {
  try {
    new Process({ target: add, args: [1, 2] }).start();
  } catch (error) {
    return String(error);
  }
  return 'started';
});

export class Shout extends Process<string> {
  readonly text: string;
  seen: string[] = [];

  constructor(text: string, options: { name?: string } = {}) {
    super(options);
    this.text = text;
  }

  override *run(): Coroutine<string> {
    this.seen.push('here');
    yield* sleep(1);
    return `${currentProcess() === (this as Process)} ${this.name}: ${this.text.toUpperCase()}`;
  }
}
register(import.meta, Shout);

export class Unregistered extends Process {
  override run(): void {}
}

let legacy = 'nothing';
inherit(
  'process-tasks',
  () => (legacy === 'nothing' ? undefined : legacy),
  (value) => {
    legacy = value as string;
  },
);

/** What this process hands down from now on. */
export function setLegacy(value: string): void {
  legacy = value;
}

/** What it has inherited, and so many generations of its children. */
export const heirs: (depth: number) => Coroutine<string[]> = task(
  import.meta,
  'heirs',
  function* (depth: number): Coroutine<string[]> {
    if (depth === 0) return [legacy];
    const child = new Process({ target: heirs, args: [depth - 1] });
    child.start();
    return [legacy, ...(yield* child)];
  },
);
