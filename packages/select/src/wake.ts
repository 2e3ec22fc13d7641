import { hub, type Queued, Ring } from '@switchyard/hub/core';

/** Somebody who is told in the check phase, once for all that has happened in this turn of the event loop. @internal */
export interface Wakeable {
  /** Whether it is to be told. */
  queued: boolean;
  /** Called in the hub. */
  flush(): void;
}

/** How many are told before the hub looks at its time, and may let timers and sockets have their turn. */
const BATCH = 64;

const ring = new Ring<Wakeable>();
let armed = false;
let due = 0;

/** Counts the check phases, so that who comes in the middle of one is told in the next. @internal */
export let round = 0;

/**
 * Has somebody told after the poll phase, and never inside of it: the kernel's whole batch is then seen at once, a peer that
 * floods is not read from again before the others have been heard, and a loop over something that is always ready lets
 * timers and sockets have their turn. @internal
 */
export function wake(one: Wakeable): void {
  if (one.queued) return;
  one.queued = true;
  ring.push(one);
  if (armed) return;
  armed = true;
  setImmediate(check);
}

function check(): void {
  armed = false;
  round++;
  const idle = due === 0;
  due = ring.length;
  if (idle) hub.schedule(teller);
}

const teller: Queued = {
  turn(): void {
    for (let count = 0; due > 0; count++) {
      if (count === BATCH) {
        hub.again(teller);
        return;
      }
      due--;
      const one = ring.shift();
      one.queued = false;
      try {
        one.flush();
      } catch (error) {
        hub.reports.report(error, null);
      }
    }
    ring.trim();
  },
};
