import type { Coroutine } from '@switchyard/greenlet';
import { closeSync, readSync, writeSync } from 'node:fs';
import { CPU_AND_WALL, OURS, type NodeContender, type Row, type Work } from '../row.ts';
import { openAgent } from './agent.ts';
import { scratchFile } from './scratch-file.ts';

// The memory is shared with a child process, which fills it before a round and says after it what it finds there.

const READ = 0;
const WRITE = 1;
const ADD = 2;
const ELEMENT = 3;
const SLICE = 4;

const LENGTH = 1_000;
/** What the child has written, in each place. */
const FILLING = 3;

/** What a round must have read in all, as each operation adds up what it reads; 0 for one that reads nothing. */
function expectedSum(value: number, n: number): number {
  if (value === READ || value === ELEMENT) return n * FILLING;
  return value === SLICE ? n * FILLING * 2 : 0;
}

/** What the child must find in the value after a round. */
function expectedValue(value: number, n: number): number {
  if (value === WRITE) return n - 1;
  return value === ADD ? FILLING + n : FILLING;
}

function mustBe(what: string, got: unknown, expected: number): void {
  if (got !== expected) throw new Error(`Expected ${what} to be ${expected}, got ${String(got)}`);
}

const ends = (items: ArrayLike<number>): number => (items[0] as number) + (items[LENGTH - 1] as number);

async function opened(into: boolean, kind: number): Promise<Work> {
  const [{ Array, Value }, { memory }, { spawn }] = await Promise.all([
    import('@switchyard/multiprocessing'),
    import('./process-tasks.ts'),
    import('@switchyard/gevent'),
  ]);
  const number = new Value('d', 0);
  const array = new Array('d', LENGTH);
  const agent = await openAgent(memory, number, array);
  const target = new Float64Array(LENGTH);
  let done = 0;
  let sum = 0;
  function* add(n: number): Coroutine<void> {
    for (let i = 0; i < n; i++) {
      yield* number.acquire();
      number.value += 1;
      number.release();
    }
  }
  const rounds: Record<number, (n: number) => unknown> = {
    [READ](n) {
      for (let i = 0; i < n; i++) sum += number.value;
    },
    [WRITE](n) {
      for (let i = 0; i < n; i++) number.value = i;
    },
    [ADD]: (n) => spawn(add, n),
    [ELEMENT](n) {
      for (let i = 0; i < n; i++) sum += array.at(i % LENGTH);
    },
    [SLICE](n) {
      for (let i = 0; i < n; i++) sum += ends(into ? array.readInto(target) : array.slice());
    },
  };
  return {
    async arrange() {
      await agent.ask(FILLING);
      sum = 0;
    },
    run(n) {
      done = n;
      return rounds[kind]?.(n);
    },
    async release() {
      mustBe('what was read', sum, expectedSum(kind, done));
      const [found, items] = (await agent.ask('look')) as [number, number];
      mustBe('what the child process finds in the value', found, expectedValue(kind, done));
      mustBe('what it finds in the array', items, FILLING * LENGTH);
    },
    close: () => agent.close(),
  };
}

const ours: NodeContender = {
  id: OURS,
  label: 'ours: Value.value; Array.at, slice()',
  load: (value) => opened(false, value),
};

const NOT_OTHERWISE = 'it is as ours in all but the slice';

const into: NodeContender = {
  id: 'ours-into',
  label: 'ours: Array.readInto(Float64Array)',
  cannot: { read: NOT_OTHERWISE, write: NOT_OTHERWISE, add: NOT_OTHERWISE, element: NOT_OTHERWISE },
  load: (value) => opened(true, value),
};

/** The floor: what ours stands on, with no type, no check and no lock. */
const raw: NodeContender = {
  id: 'raw',
  label: 'a file: readSync, writeSync of 8 bytes',
  cannot: { add: 'a file has no lock' },
  async load(value) {
    const one = new Float64Array(1);
    const all = new Float64Array(LENGTH);
    const { file, unlink } = scratchFile(new Uint8Array(all.slice().fill(FILLING).buffer));
    unlink();
    let sum = 0;
    const rounds: Record<number, (n: number) => void> = {
      [READ](n) {
        for (let i = 0; i < n; i++) {
          readSync(file, one, 0, 8, 0);
          sum += one[0] as number;
        }
      },
      [WRITE](n) {
        for (let i = 0; i < n; i++) {
          one[0] = i;
          writeSync(file, one, 0, 8, 0);
        }
        readSync(file, one, 0, 8, 0);
        mustBe('what the file has', one[0], n - 1);
      },
      [ELEMENT](n) {
        for (let i = 0; i < n; i++) {
          readSync(file, one, 0, 8, (i % LENGTH) * 8);
          sum += one[0] as number;
        }
      },
      [SLICE](n) {
        for (let i = 0; i < n; i++) {
          readSync(file, all, 0, all.byteLength, 0);
          sum += ends(all);
        }
      },
    };
    return {
      run(n) {
        sum = 0;
        rounds[value]?.(n);
        mustBe('what was read', sum, expectedSum(value, n));
      },
      close: () => closeSync(file),
    };
  },
};

export const row: Row = {
  id: 'process-value',
  title: 'memory shared with a child process, numbers of 8 bytes',
  per: 'access',
  method: 'tree',
  n: 320_000,
  cases: [
    { id: 'read', label: 'value read', value: READ },
    { id: 'write', label: 'value written', value: WRITE },
    { id: 'add', label: 'value += 1 under its lock', value: ADD },
    { id: 'element', label: 'one item of an array read', value: ELEMENT },
    { id: 'slice', label: '1,000 items of an array read at once', value: SLICE, n: 32_000 },
  ],
  metrics: CPU_AND_WALL,
  contenders: [
    ours,
    into,
    raw,
    { id: 'python', label: 'Python Value, Array', script: 'process_value.py', standard: true },
    {
      id: 'python-raw',
      label: 'Python Value, Array, lock=False',
      script: 'process_raw_value.py',
      standard: true,
      cannot: { add: 'it has no lock' },
    },
  ],
  marks: [],
};
