import type { Socket } from '@switchyard/select';
import type { Deadlines } from './deadlines.ts';

/** Whose socket a loop watches. */
export interface Watcher {
  /** Its socket is ready. @param events `EVENT_READ`, `EVENT_WRITE` or both */
  ready(events: number): void;
}

/** What connections need of the loop that they are in. */
export interface Loop {
  readonly deadlines: Deadlines;
  /** Watches a socket. */
  watch(socket: Socket, events: number, watcher: Watcher): void;
  /** Watches a socket that is watched already for something else, or for somebody else. */
  rewatch(socket: Socket, events: number, watcher: Watcher): void;
  /** Watches a socket no more, and closes it. */
  drop(socket: Socket): void;
  /** Has something called in the loop, which may be waiting. From callbacks that come from elsewhere. */
  post(callback: () => void): void;
}
