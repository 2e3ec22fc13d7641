import type { CompareProgress } from '../compare/compare.ts';
import type { Colors } from './colors.ts';
import { LiveLine } from './live-line.ts';
import { showTime } from './units.ts';

const INTERVALS = { terminal: 250, plain: 5_000 };
const BAR = 24;

/** Says on standard error how far a comparison is: a line that changes on a terminal, a line now and then elsewhere. */
export class ComparisonProgress {
  readonly #colors: Colors;
  readonly #live: LiveLine;
  #last: CompareProgress | undefined = undefined;
  #at = 0;

  constructor(colors: Colors) {
    this.#colors = colors;
    this.#live = new LiveLine(() => this.#show(), INTERVALS);
  }

  tell(progress: CompareProgress): void {
    const first = this.#last === undefined;
    this.#last = progress;
    this.#at = performance.now();
    if (first || this.#live.changes) this.#show();
  }

  /** Takes the line away. */
  stop(): void {
    this.#live.stop();
  }

  /** Writes a line above the one that changes. */
  say(line: string): void {
    this.#live.say(line);
  }

  #show(): void {
    if (this.#last === undefined) return;
    const { cell, phase, done, total, left } = this.#last;
    const { latency, work } = cell.at.point;
    const rest = Math.max(0, left - (performance.now() - this.#at));
    const where = `${latency === null ? '' : `${latency} ms, `}work ${work}`;
    const what = phase === 'run' ? '' : ` (${phase})`;
    const counted = `${done} of ${total} runs, about ${showTime(Math.max(1000, rest))} left`;
    if (!this.#live.changes) {
      this.#live.show(`${counted}: ${cell.setting.id} at ${where}${what}`);
      return;
    }
    const filled = Math.round((BAR * done) / Math.max(1, total));
    const bar = this.#colors.cyan('█'.repeat(filled)) + this.#colors.dim('░'.repeat(BAR - filled));
    this.#live.show(`${bar} ${counted}\n${this.#colors.dim(`${cell.setting.id} at ${where}${what}`)}`);
  }
}
