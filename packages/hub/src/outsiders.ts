import { LoopExit } from './errors.ts';
import { Line, type Node } from './line.ts';

/** Somebody outside of any greenlet who waits: an `await`. @internal */
export interface Outsider extends Node {
  /** What is waited for, for the tree of a `LoopExit`. */
  describe(): string;
  /** Ends the wait with this error. */
  giveUp(error: LoopExit): void;
}

/** What the outsiders have to know of the hub. */
interface Source {
  readonly alive: number;
  formatRunInfo(): string;
}

/**
 * Those who wait outside of any greenlet. When the event loop runs empty nothing can wake them any more: those who wait
 * for just that are told, all others get a `LoopExit`. @internal
 */
export class Outsiders {
  // Not a Set: the table that one outgrows keeps those who have left reachable for the young generation's collector.
  private readonly waiting = new Line<Outsider>();
  private quiet: { alive: number; finish: () => void }[] = [];
  private watching = false;
  private readonly hub: Source;

  constructor(hub: Source) {
    this.hub = hub;
  }

  /** How many wait. */
  get size(): number {
    return this.waiting.length;
  }

  add(outsider: Outsider): void {
    this.watch();
    this.waiting.remove(outsider);
    this.waiting.push(outsider);
  }

  delete(outsider: Outsider): void {
    this.waiting.remove(outsider);
  }

  /** Calls `finish` when no more than `alive` greenlets live, or the event loop has run empty. */
  whenQuiet(alive: number, finish: () => void): void {
    this.watch();
    this.quiet.push({ alive, finish });
  }

  /** Takes back `whenQuiet`. */
  forgetQuiet(finish: () => void): void {
    this.quiet = this.quiet.filter((entry) => entry.finish !== finish);
  }

  /** Told of each death of a greenlet. */
  died(): void {
    if (this.quiet.length === 0) return;
    const { alive } = this.hub;
    const done = this.quiet.filter((entry) => alive <= entry.alive);
    if (done.length === 0) return;
    this.quiet = this.quiet.filter((entry) => alive > entry.alive);
    for (const { finish } of done) finish();
  }

  private watch(): void {
    if (this.watching) return;
    this.watching = true;
    process.on('beforeExit', this.onEmptyLoop);
  }

  private readonly onEmptyLoop = (): void => {
    if (this.quiet.length === 0 && this.waiting.length === 0) return;
    // Promise jobs alone do not bring this event a second time, should those who are told now wait for ever again.
    setImmediate(() => {});
    if (this.quiet.length > 0) {
      for (const { finish } of this.quiet.splice(0)) finish();
      return;
    }
    const waiting = [...this.waiting];
    const parked = this.hub.formatRunInfo();
    const error = new LoopExit(
      'This would wait for ever: the event loop has run empty and nothing is left that could wake\n' +
        waiting.map((outsider) => `  await ${outsider.describe()}\n`).join('') +
        (parked === '' ? '' : `Parked greenlets:\n${parked}`),
    );
    for (const outsider of waiting) this.waiting.remove(outsider);
    for (const outsider of waiting) outsider.giveUp(error);
  };
}
