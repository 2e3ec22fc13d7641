import { createLogUpdate } from 'log-update';
import type { CompareProgress } from '../compare/compare.ts';
import type { Colors } from './colors.ts';
import { showTime } from './units.ts';

const PLAIN_INTERVAL = 5_000;
const REFRESH = 250;
const BAR = 24;

/** Says on standard error how far a comparison is: a line that changes on a terminal, a line now and then elsewhere. */
export class ComparisonProgress {
  readonly #colors: Colors;
  readonly #update: ReturnType<typeof createLogUpdate> | undefined;
  readonly #timer: NodeJS.Timeout;
  #last: CompareProgress | undefined = undefined;
  #at = 0;

  constructor(colors: Colors) {
    this.#colors = colors;
    this.#update = process.stderr.isTTY ? createLogUpdate(process.stderr) : undefined;
    this.#timer = setInterval(() => this.#show(), this.#update === undefined ? PLAIN_INTERVAL : REFRESH);
    this.#timer.unref();
  }

  tell(progress: CompareProgress): void {
    const first = this.#last === undefined;
    this.#last = progress;
    this.#at = performance.now();
    if (first || this.#update !== undefined) this.#show();
  }

  /** Takes the line away. */
  stop(): void {
    clearInterval(this.#timer);
    this.#update?.clear();
    this.#update?.done();
  }

  /** Writes a line above the one that changes. */
  say(line: string): void {
    this.#update?.clear();
    process.stderr.write(`${line}\n`);
  }

  #show(): void {
    if (this.#last === undefined) return;
    const { cell, phase, done, total, left } = this.#last;
    const { latency, work } = cell.at.point;
    const rest = Math.max(0, left - (performance.now() - this.#at));
    const where = `${latency === null ? '' : `${latency} ms, `}work ${work}`;
    const what = phase === 'run' ? '' : ` (${phase})`;
    const counted = `${done} of ${total} runs, about ${showTime(Math.max(1000, rest))} left`;
    if (this.#update === undefined) {
      process.stderr.write(`${counted}: ${cell.setting.id} at ${where}${what}\n`);
      return;
    }
    const filled = Math.round((BAR * done) / Math.max(1, total));
    const bar = this.#colors.cyan('█'.repeat(filled)) + this.#colors.dim('░'.repeat(BAR - filled));
    this.#update(`${bar} ${counted}\n${this.#colors.dim(`${cell.setting.id} at ${where}${what}`)}`);
  }
}
