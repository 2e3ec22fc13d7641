import { type Greenlet, GreenletError, gettrace, settrace } from '@switchyard/greenlet';
import { NATIVE, show } from '@switchyard/greenlet/scheduler';
import { blocked, type BlockMessage, hub } from '@switchyard/hub/core';
import { BlockingWatch } from './blocking-watch.ts';

/** What `detectBlocking` takes. */
export interface BlockingOptions {
  /** For how many milliseconds the event loop may be held before that is told: 100 when left out. */
  maxBlockingTime?: number;
  /** Whether a thread watches besides, which prints the greenlet's name on stderr while the loop is still held. */
  watch?: boolean;
}

/** A detector that runs, until it is stopped. */
export interface BlockingDetector extends Disposable {
  /** Stops it; nothing happens the second time. */
  stop(): void;
}

let active: Detector | null = null;

/**
 * Tells when a greenlet has held the event loop: run for `maxBlockingTime` without waiting. It tells `getHub().onBlock`,
 * or prints on stderr when that is not set, and publishes on the diagnostics channel `switchyard:greenlet:block`. It also
 * tells when code outside of greenlets has held the loop, without a name, or many short turns have: these from a quarter
 * above `maxBlockingTime` on.
 *
 * It costs two looks at the clock at each switch while it runs, and nothing otherwise. It does not keep the process alive.
 *
 * @returns a handle, with `stop()`; `using` does that at the end of a block
 * @throws GreenletError when a detector runs already; TypeError when an option cannot be used
 *
 * Python: `GEVENT_MONITOR_THREAD_ENABLE`, `gevent.config.max_blocking_time` and `EventLoopBlocked`.
 */
export function detectBlocking(options: BlockingOptions = {}): BlockingDetector {
  const { maxBlockingTime = 100, watch = false } = options;
  if (typeof maxBlockingTime !== 'number' || !(maxBlockingTime > 0 && maxBlockingTime < 2 ** 31)) {
    throw new TypeError(`Expected milliseconds above 0 as the maxBlockingTime, got ${show(maxBlockingTime)}`);
  }
  if (active !== null) throw new GreenletError('a blocking detector runs already: stop() it first');
  active = new Detector(maxBlockingTime, watch ? new BlockingWatch(maxBlockingTime) : null);
  return active;
}

type Tracer = ReturnType<typeof gettrace>;

class Detector implements BlockingDetector {
  private readonly limit: number;
  private readonly watch: BlockingWatch | null;
  private readonly previous: Tracer;
  /** Milliseconds between two beats. */
  private readonly pause: number;
  private readonly beats: NodeJS.Timeout;
  private stopped = false;
  /** When control was last handed over. */
  private since = performance.now();
  /** What has been since the last beat. */
  private beaten = performance.now();
  private told = 0;
  private busy = 0;
  private turns = 0;
  private longest = 0;
  private longestBy: Greenlet | null = null;

  constructor(limit: number, watch: BlockingWatch | null) {
    this.limit = limit;
    this.watch = watch;
    // Another tracer goes on to be told, as long as this one runs.
    this.previous = gettrace();
    settrace(this.trace);
    this.pause = Math.max(1, limit / 4);
    this.beats = setInterval(this.beat, this.pause).unref();
  }

  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    active = null;
    clearInterval(this.beats);
    this.watch?.stop();
    // Who traces besides has wrapped this one, or taken its place: it stays as it is, and hands on.
    if (gettrace() === this.trace) settrace(this.previous);
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  private readonly trace = (event: 'switch' | 'throw', origin: Greenlet, target: Greenlet): void => {
    if (!this.stopped) {
      const now = performance.now();
      if ((origin.flags & NATIVE) === 0) this.ran(origin, now - this.since);
      this.watch?.switched((target.flags & NATIVE) === 0 ? target.name : null);
      this.since = now;
    }
    this.previous?.(event, origin, target);
  };

  private ran(greenlet: Greenlet, ms: number): void {
    if (ms >= this.limit) {
      this.told += ms;
      tell(greenlet, ms, 1);
      return;
    }
    this.busy += ms;
    this.turns++;
    if (ms <= this.longest) return;
    this.longest = ms;
    this.longestBy = greenlet;
  }

  // Finds what no single turn of a greenlet accounts for: it comes late by as long as something else held the loop.
  private readonly beat = (): void => {
    const now = performance.now();
    const late = now - this.beaten - this.pause - this.told;
    if (late >= this.limit) {
      if (this.busy > late / 2) tell(this.longestBy, this.busy, this.turns);
      else tell(null, late, 0);
    }
    this.beaten = now;
    this.told = 0;
    this.busy = 0;
    this.turns = 0;
    this.longest = 0;
    this.longestBy = null;
  };
}

function tell(greenlet: Greenlet | null, ms: number, turns: number): void {
  const message: BlockMessage = {
    greenlet,
    name: greenlet === null ? null : greenlet.name,
    ms,
    turns,
    spawnedAt: greenlet === null ? null : hub.registry.siteOf(greenlet),
  };
  if (blocked.hasSubscribers) blocked.publish(message);
  if (hub.onBlock === null) {
    process.stderr.write(describe(message));
    return;
  }
  try {
    hub.onBlock(message);
  } catch (error) {
    // A tracer that throws ends the tracing, and is heard in the greenlet that has its turn.
    hub.reports.report(error, null, 'The onBlock hook failed');
  }
}

function describe({ name, ms, turns, spawnedAt }: BlockMessage): string {
  const time = `${Math.round(ms)} ms`;
  if (name === null) return `Code outside of greenlets held the event loop for ${time}\n`;
  const who =
    turns === 1
      ? `Greenlet ${name} held the event loop for ${time}`
      : `${turns} turns of greenlets held the event loop for ${time}, the longest was one of ${name}`;
  return `${who}${spawnedAt === null ? '' : `\n  spawned at ${spawnedAt}`}\n`;
}
