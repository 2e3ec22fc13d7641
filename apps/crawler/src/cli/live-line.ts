import { createLogUpdate } from 'log-update';

/** Lines at the bottom of a terminal that change as often as `show` says; where there is no terminal, plain lines now and then. */
export class LiveLine {
  /** Whether what was shown is replaced by what comes next. */
  readonly changes: boolean;
  readonly #update: ReturnType<typeof createLogUpdate> | undefined;
  readonly #timer: NodeJS.Timeout;

  /**
   * @param show called at the intervals (in milliseconds) for what there is to show
   */
  constructor(show: () => void, intervals: { readonly terminal: number; readonly plain: number }) {
    this.changes = process.stderr.isTTY;
    this.#update = this.changes ? createLogUpdate(process.stderr) : undefined;
    this.#timer = setInterval(show, this.changes ? intervals.terminal : intervals.plain);
    this.#timer.unref();
  }

  show(text: string): void {
    if (this.#update === undefined) process.stderr.write(`${text}\n`);
    else this.#update(text);
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
}
