import { FrameStack, isCall } from './call.ts';
import { GreenletError, GreenletExit, show } from './errors.ts';
import { type Frame, isGenerator, resumeGenerator, throwIntoGenerator } from './frame.ts';
import type { Greenlet } from './greenlet.ts';
import { current, DEAD, GENERATOR, HOME, NATIVE, setCurrent, STARTED } from './state.ts';
import { ERROR, reportUnused, restoreUnused, Switch, takeUnused, used, VALUE } from './switch.ts';
import { settrace, tracer } from './trace.ts';

/**
 * Makes a switch from plain code and returns what the next switch back brings. Below a greenlet's plain function it
 * nests: the greenlets that run meanwhile may switch back to the caller, but not to one that waits further below.
 *
 * @returns the value that was switched back, or that a finished child left
 * @throws whatever was thrown into the caller, or escaped from a child
 * @throws GreenletError when control would have to go to a greenlet that waits below the caller, or to main
 */
export function run<R>(op: Switch<R>): R {
  if (!(op instanceof Switch)) {
    throw new TypeError(
      `Expected the result of greenlet.switch() or greenlet.throw() for run, got ${show(op)}`,
    );
  }
  used();
  return transfer(op.target, op.kind, op.payload, op.count) as R;
}

/**
 * Gives control to `target` and returns when it comes back to the greenlet that called: one loop that resumes
 * whichever greenlet the last one switched to. Everything that moves control goes through here. @internal
 */
export function transfer(target: Greenlet, kind: number, value: unknown, count: number): unknown {
  const home = current;
  // Who gave up control last: the origin of the switch, and where an impossible switch is reported.
  let from = home;
  // False while a greenlet is resumed with the answer to what it has just yielded: that is no switch to be traced.
  let moved = true;
  home.flags |= HOME;
  // Main never suspends but here. A greenlet below may still use what it has made, once this returns.
  const outer = takeUnused();
  if (outer !== 0 && home.up === null) reportUnused(home, outer);
  for (;;) {
    if ((target.flags & (STARTED | DEAD | HOME | NATIVE)) !== STARTED) {
      if (target === home) break;
      if ((target.flags & DEAD) !== 0) {
        if (kind === ERROR && value instanceof GreenletExit) kind = VALUE;
        target = target.up as Greenlet;
        continue;
      }
      if ((target.flags & (HOME | NATIVE)) !== 0) {
        const error = target.unreachable(from);
        if (kind === ERROR) error.cause = value;
        kind = ERROR;
        value = error;
        // A dead one cannot hear of it; whoever called run() can.
        moved = (from.flags & DEAD) !== 0;
        target = moved ? home : from;
        if (target === home) break;
      } else if (lacksBody(target)) {
        // A greenlet without a body does not die of being switched to: whoever tried hears of it, or its next of kin.
        const error = noRun(target);
        if (kind === ERROR) error.cause = value;
        kind = ERROR;
        value = error;
        moved = (from.flags & DEAD) !== 0;
        target = moved ? (target.up as Greenlet) : from;
        continue;
      }
    }
    setCurrent(target);
    if (tracer !== null && moved) {
      try {
        tracer(kind === ERROR ? 'throw' : 'switch', from, target);
      } catch (error) {
        settrace(null);
        kind = ERROR;
        value = error;
      }
    }
    let ended = false;
    try {
      if ((target.flags & STARTED) === 0) {
        if (kind === ERROR) throw value;
        const result = target.begin(value, count);
        const frame = target.adopt(result);
        value = undefined;
        if (frame === null) {
          ended = true;
          value = result;
        } else {
          target.frame = frame;
          if (isGenerator(frame)) target.flags |= GENERATOR;
        }
      }
      if (!ended) {
        const frame = target.frame as Frame;
        const result: IteratorResult<unknown, unknown> =
          (target.flags & GENERATOR) !== 0
            ? kind === VALUE
              ? resumeGenerator.call(frame, value)
              : throwIntoGenerator.call(frame, value)
            : kind === VALUE
              ? frame.next(value)
              : frame.throw(value);
        if (result.done === true) {
          ended = true;
          kind = VALUE;
          value = result.value;
        } else {
          const op = result.value;
          const unused = takeUnused();
          if (unused !== 0) reportSuspended(target, unused, op);
          from = target;
          if (op instanceof Switch) {
            moved = true;
            target = op.target;
            kind = op.kind;
            value = op.payload;
            count = op.count;
          } else {
            moved = false;
            if (isCall(op)) {
              if (!(target.frame instanceof FrameStack)) {
                target.frame = new FrameStack(target.frame as Frame);
                target.flags &= ~GENERATOR;
              }
              (target.frame as FrameStack).push(op);
              kind = VALUE;
              value = undefined;
            } else {
              kind = ERROR;
              value = notWaitable(target, op);
            }
          }
        }
      }
    } catch (error) {
      // An iterator without `throw`, as in `yield* [1, 2]`, answers a bad yield with a TypeError that explains nothing.
      if (!moved && error instanceof TypeError && value instanceof GreenletError) error.cause ??= value;
      ended = true;
      kind = ERROR;
      value = error;
    }
    if (ended) {
      const unused = takeUnused();
      if (unused !== 0) reportUnused(target, unused);
      target.flags |= DEAD;
      target.frame = null;
      if (kind === ERROR && value instanceof GreenletExit) kind = VALUE;
      try {
        if (target.ended(kind, value)) {
          kind = VALUE;
          value = undefined;
        }
      } catch (error) {
        kind = ERROR;
        value = error;
      }
      count = 1;
      moved = true;
      from = target;
      target = target.up as Greenlet;
    }
  }
  setCurrent(home);
  home.flags &= ~HOME;
  if (outer !== 0 && home.up !== null) restoreUnused(outer);
  if (tracer !== null && moved) {
    try {
      tracer(kind === ERROR ? 'throw' : 'switch', from, home);
    } catch (error) {
      settrace(null);
      throw error;
    }
  }
  if (kind === ERROR) throw value;
  return value;
}

/** Whether a greenlet has nothing to start with. */
function lacksBody(target: Greenlet): boolean {
  if (target.frame !== null) return false;
  try {
    return (target as { run?: unknown }).run === undefined;
  } catch {
    // An accessor that throws does so again when the body begins, and the greenlet fails with it.
    return false;
  }
}

// `yield greenlet.switch()` without the star moves control as well, only its result has no type.
function reportSuspended(greenlet: Greenlet, unused: number, op: unknown): void {
  const count = op instanceof Switch && !op.away ? unused - 1 : unused;
  if (count > 0) reportUnused(greenlet, count);
}

/** @internal */
export function noRun(greenlet: Greenlet): GreenletError {
  return new GreenletError(
    `greenlet ${greenlet.name} has no run: pass a function to its constructor, or set greenlet.run, before the first switch`,
  );
}

function notWaitable(greenlet: Greenlet, value: unknown): GreenletError {
  const thenable = value !== null && typeof value === 'object' && 'then' in value;
  const hint =
    thenable && Symbol.iterator in (value as object)
      ? 'a star is missing: write yield* instead of yield'
      : thenable
        ? 'write yield* until(promise)'
        : 'only yield* of a waitable suspends a greenlet';
  return new GreenletError(`greenlet ${greenlet.name} yielded ${show(value)}: ${hint}`);
}
