/**
 * A time limit that is pushed back again and again: no timer is touched for that, the one there is looks at the clock
 * when it fires. It does not keep the process alive. @internal
 */
export class Watch {
  readonly #expired: () => void;
  #ms: number;
  #due: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(expired: () => void) {
    this.#expired = expired;
    this.#ms = Infinity;
    this.#due = Infinity;
    this.#timer = undefined;
  }

  /** Starts over, with this many milliseconds from now. */
  set(ms: number): void {
    this.#ms = ms;
    this.#due = performance.now() + ms;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#arm(ms);
  }

  /** Something has happened: the time starts over. */
  touch(): void {
    this.#due = performance.now() + this.#ms;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#due = Infinity;
  }

  #arm(ms: number): void {
    if (ms >= 2 ** 31) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const left = this.#due - performance.now();
      // Timers have whole milliseconds, and may fire a fraction early.
      if (left >= 1) this.#arm(left);
      else this.#expired();
    }, ms).unref();
  }
}
