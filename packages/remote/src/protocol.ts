/**
 * The wire: what travels between a thread or process that gives tasks and one that runs them. Messages are arrays that begin
 * with their kind, as names of fields would travel with every one of them.
 */
import type { WireError } from './error-wire.ts';

/** From here on a number stands for this task: [kind, number, module URL, name]. */
export const DEFINE = 0;
/** Run a task: [kind, id, its number, arguments, flags, modules to load first, what it is called, whom to run as from now on]. */
export const RUN = 1;
/** Stop a task: [kind, id, reason]. */
export const CANCEL = 2;
/** End, after what was printed has been told: [kind]. */
export const STOP = 3;

export type ToWorker =
  | readonly [typeof DEFINE, number, string, string]
  | readonly [
      typeof RUN,
      number,
      number,
      readonly unknown[],
      number?,
      (readonly string[] | null)?,
      string?,
      unknown?,
    ]
  | readonly [typeof CANCEL, number, WireError]
  | readonly [typeof STOP];

/** Ready for the first task: [kind]. */
export const READY = 0;
/** A task has ended: [kind, id, value, flags, modules to load first]. */
export const DONE = 1;
/** A task has failed: [kind, id, error]. */
export const FAILED = 2;
/** News from a task: [kind, id, event, flags, modules to load first]. */
export const EVENT = 3;
/** A task starts: [kind, id]; only if that was asked for. */
export const STARTED = 4;
/** An error that nobody caught ends the worker: [kind, error]. */
export const FATAL = 5;
/** A task has been taken back before it began, and never will: [kind, id]. It comes another way than the others. */
export const TAKEN = 6;
/** The message of a task that has been taken back was read: its place is free: [kind, id]. */
export const SKIPPED = 7;

export type FromWorker =
  | readonly [typeof READY]
  | readonly [typeof DONE, number, unknown, number?, (readonly string[] | null)?]
  | readonly [typeof FAILED, number, WireError]
  | readonly [typeof EVENT, number, unknown, number?, (readonly string[] | null)?]
  | readonly [typeof STARTED, number]
  | readonly [typeof FATAL, WireError]
  | readonly [typeof TAKEN | typeof SKIPPED, number];

/** The value has to be hydrated. */
export const HYDRATE = 1;
/** Tell when it starts. */
export const TELL = 2;
/** The arguments are items, each of which is run by itself. */
export const CHUNK = 4;

// The words of shared memory between a thread and the one that gives it tasks. Each task that it has been given and that has
// not ended has a place there, by the last bits of its id.

/** So many tasks may have been given to one thread or process and not have ended. */
export const SLOTS = 32;
/** Behind the states of the tasks: in the place of each, its id when it is to stop. */
export const STOPS = SLOTS;
export const WORDS = 2 * SLOTS;

/** Given; whoever changes that first has it: the thread begins it, or it is taken back. */
export const GIVEN = 0;
export const BEGUN = 1;
export const TAKEN_BACK = 2;

/** Where the state of a task is. */
export function slotOf(id: number): number {
  return id & (SLOTS - 1);
}

/** What stands there. As the id is part of it, that of another task in the same place is never mistaken for it. */
export function mark(id: number, state: number): number {
  return (id << 2) | state;
}

/** How often a place is used before its ids come again: so that marks fit into a word. */
export const ROUNDS = 1 << 23;

// The pipes between a process and its child, as file descriptors of the child.

/** On this the tasks come. */
export const TASKS = 3;
/** On this it tells what became of them: one of its own, as the child's end of it blocks. */
export const RESULTS = 4;
/**
 * On this it hears which tasks are to stop (their ids, as words) and which are asked back (their ids, inverted), tells which
 * of these it had not begun (their ids), and hears by its end that its parent is gone.
 */
export const LIFE = 5;
