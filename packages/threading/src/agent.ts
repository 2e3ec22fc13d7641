import { subscribe } from 'node:diagnostics_channel';
import {
  getEnvironmentData,
  isMainThread,
  setEnvironmentData,
  threadId,
  type Worker,
} from 'node:worker_threads';
import { show } from '@switchyard/greenlet/scheduler';
import { RuntimeError } from '@switchyard/remote';

/*
 * Who the running threads are, as locks see them: a table in shared memory that every worker inherits through the
 * environment data of its starter. An id is a slot of the table and the generation of that slot, so that the id of a
 * thread that has ended goes on meaning just that thread. The owner of a lock is such an id, and whether it still lives
 * can be told by any thread without asking anybody.
 */

const SLOT_BITS = 12;
const SLOTS = 1 << SLOT_BITS;
/** The generations of a slot are 1 to this, so that an id is positive and below 2^30. */
const GENERATIONS = (1 << 18) - 1;

/** Random: tells one table from another. */
const MARK = 0;
/** How many have been allocated and how many have died, for those who remember what they saw. */
const BIRTHS = 1;
const DEATHS = 2;
/** Where the last one was allocated. Going round keeps each generation in use as long as can be. */
const CURSOR = 3;
const HEADER = 4;

/** The id of the one that allocated it, or `NOBODY`; 0 when the slot is free. Setting it is what claims a slot. */
const PARENT = 0;
/** The generation, doubled, and 1 while it lives. */
const STATE = 1;
/** The `threadId` that it runs in, and that of the thread which started that thread, each plus 1; 0 when not known. */
const THREAD = 2;
const STARTER = 3;
/** Whether it has ever allocated one itself. */
const HAS_CHILDREN = 4;
const WIDTH = 5;

const NOBODY = 1 << 30;

const TABLE_KEY = '@switchyard/threading.agents';
const STARTER_KEY = '@switchyard/threading.starter';

interface Here {
  readonly table: Int32Array;
  /** Who runs in this thread; 0 until somebody asks. */
  id: number;
  /** The starter of this thread, plus 1. */
  readonly starter: number;
  /** To be called when a thread has been found dead here. */
  readonly mourners: (() => void)[];
  aloneAt: number;
}

// One for a thread, also when this package is installed twice.
const key = Symbol.for('@switchyard/threading.agent');
const shared = globalThis as unknown as Record<symbol, Here | undefined>;
const here: Here = (shared[key] ??= join());
const { table } = here;

function join(): Here {
  let buffer = getEnvironmentData(TABLE_KEY) as unknown as SharedArrayBuffer | undefined;
  const starter = getEnvironmentData(STARTER_KEY) as unknown as number | undefined;
  if (buffer === undefined) {
    buffer = new SharedArrayBuffer((HEADER + SLOTS * WIDTH) * 4);
    new Int32Array(buffer)[MARK] = Math.trunc(Math.random() * 0x7fffffff) + 1;
    setEnvironmentData(TABLE_KEY, buffer as never);
  }
  setEnvironmentData(STARTER_KEY, threadId + 1);
  // A worker that is terminated runs no code of its own any more: whoever started it tells.
  subscribe('worker_threads', (message) => {
    const { worker } = message as { worker: Worker };
    const thread = worker.threadId + 1;
    worker.once('exit', () => buryThread(thread));
  });
  return { table: new Int32Array(buffer), id: 0, starter: starter ?? 0, mourners: [], aloneAt: -1 };
}

if (isMainThread) currentAgent();

/** The number that tells this process's table of threads from any other's. @internal */
export const tableMark: number = table[MARK] as number;

/**
 * The id of the thread that runs: positive, below 2^30, and practically never used again. A worker that nobody has
 * allocated one for takes one at first use.
 *
 * @internal
 */
export function currentAgent(): number {
  if (here.id !== 0) return here.id;
  const id = claim(NOBODY);
  settle(id);
  return id;
}

/** Makes this thread the one that `allocate` gave an id to. May be called anew when a worker is used again. @internal */
export function adopt(id: number): void {
  checkId('adopt', id);
  settle(id);
}

/**
 * Takes an id for a thread that is about to be started; it counts as alive from now on, until `retire`.
 *
 * @throws RuntimeError when 4096 threads are alive
 * @internal
 */
export function allocate(): number {
  const parent = currentAgent();
  Atomics.store(table, offset(parent) + HAS_CHILDREN, 1);
  return claim(parent);
}

/**
 * Marks a thread dead, and those below it: what it held counts as abandoned from now on. Waits that are parked in this
 * thread look again at once, those in others within 50 ms. Nothing happens when it is dead already. @internal
 */
export function retire(id: number): void {
  checkId('retire', id);
  const at = offset(id);
  const hadChildren = isAlive(id) && Atomics.load(table, at + HAS_CHILDREN) !== 0;
  if (!bury(id)) return;
  if (hadChildren) buryOrphans();
  mourn();
}

/** Whether this thread has not ended. @internal */
export function isAlive(id: number): boolean {
  return Atomics.load(table, offset(id) + STATE) === stateOf(id);
}

/** How many threads have an id and live. @internal */
export function aliveCount(): number {
  let count = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    count += (Atomics.load(table, HEADER + slot * WIDTH + STATE) as number) & 1;
  }
  return count;
}

/** Whether any thread but the one that runs is alive: one that could wake somebody here. @internal */
export function othersAlive(): boolean {
  const at = (Atomics.load(table, BIRTHS) + Atomics.load(table, DEATHS)) >>> 0;
  if (here.aloneAt === at) return false;
  const own = here.id === 0 ? -1 : here.id & (SLOTS - 1);
  const last = Atomics.load(table, CURSOR);
  for (let n = 0; n < SLOTS; n++) {
    const slot = (last - n) & (SLOTS - 1);
    if (slot !== own && (Atomics.load(table, HEADER + slot * WIDTH + STATE) & 1) !== 0) return true;
  }
  here.aloneAt = at;
  return false;
}

/** How many threads have ended so far: who has seen the same number before need not look for the dead. @internal */
export function deaths(): number {
  return Atomics.load(table, DEATHS);
}

/** Has `mourner` called when a thread is found dead in this one. @internal */
export function onDeath(mourner: () => void): void {
  here.mourners.push(mourner);
}

function settle(id: number): void {
  if (here.id === 0 && !isMainThread) process.once('exit', () => retire(here.id));
  here.id = id;
  here.aloneAt = -1;
  Atomics.store(table, offset(id) + STARTER, here.starter);
  Atomics.store(table, offset(id) + THREAD, threadId + 1);
}

// The order of the writes matters: a thread may be terminated between any two of them.
function claim(parent: number): number {
  const first = Atomics.add(table, CURSOR, 1) + 1;
  for (let n = 0; n < SLOTS; n++) {
    const slot = (first + n) & (SLOTS - 1);
    const at = HEADER + slot * WIDTH;
    if (Atomics.compareExchange(table, at + PARENT, 0, parent) !== 0) continue;
    const before = Atomics.load(table, at + STATE) >> 1;
    const generation = before === GENERATIONS ? 1 : before + 1;
    Atomics.store(table, at + THREAD, 0);
    Atomics.store(table, at + STARTER, 0);
    Atomics.store(table, at + HAS_CHILDREN, 0);
    Atomics.store(table, at + STATE, generation * 2 + 1);
    Atomics.add(table, BIRTHS, 1);
    return (generation << SLOT_BITS) | slot;
  }
  throw new RuntimeError(`${SLOTS} threads are alive in this process, and no more can be told apart`);
}

function bury(id: number): boolean {
  const at = offset(id);
  const alive = stateOf(id);
  const parent = Atomics.load(table, at + PARENT);
  if (Atomics.compareExchange(table, at + STATE, alive, alive - 1) !== alive) return false;
  Atomics.compareExchange(table, at + PARENT, parent, 0);
  return true;
}

function buryOrphans(): void {
  for (let found = true; found;) {
    found = false;
    for (let slot = 0; slot < SLOTS; slot++) {
      const at = HEADER + slot * WIDTH;
      const parent = Atomics.load(table, at + PARENT);
      if (parent === 0 || parent === NOBODY || isAlive(parent)) continue;
      // One whose parent died while it was taking the slot has never lived.
      if (!bury(idAt(slot))) Atomics.compareExchange(table, at + PARENT, parent, 0);
      found = true;
    }
  }
}

/** A worker has ended, and with it all that it had started. */
function buryThread(thread: number): void {
  const gone = new Set([thread]);
  let any = false;
  for (let found = true; found;) {
    found = false;
    for (let slot = 0; slot < SLOTS; slot++) {
      const at = HEADER + slot * WIDTH;
      if ((Atomics.load(table, at + STATE) & 1) === 0) continue;
      const runsIn = Atomics.load(table, at + THREAD);
      if (!gone.has(runsIn) && !gone.has(Atomics.load(table, at + STARTER))) continue;
      gone.add(runsIn);
      if (bury(idAt(slot))) found = any = true;
    }
  }
  if (!any) return;
  buryOrphans();
  mourn();
}

function mourn(): void {
  Atomics.add(table, DEATHS, 1);
  for (const mourner of here.mourners) mourner();
}

function offset(id: number): number {
  return HEADER + (id & (SLOTS - 1)) * WIDTH;
}

function stateOf(id: number): number {
  return (id >> SLOT_BITS) * 2 + 1;
}

function idAt(slot: number): number {
  return ((Atomics.load(table, HEADER + slot * WIDTH + STATE) >> 1) << SLOT_BITS) | slot;
}

function checkId(verb: string, id: number): void {
  if (Number.isInteger(id) && id >= SLOTS && id < NOBODY) return;
  throw new TypeError(`Expected an id that allocate() has given for ${verb}, got ${show(id)}`);
}
