// One class for the locks of all packages, so that `instanceof` holds whichever lock has thrown it.

/** Something was used in a state that it may not be used in. Python: `RuntimeError`. */
export class RuntimeError extends Error {
  static {
    this.prototype.name = 'RuntimeError';
  }
}

/** The barrier is broken, was reset while somebody waited, or broke. Python: `threading.BrokenBarrierError`. */
export class BrokenBarrierError extends RuntimeError {
  static {
    this.prototype.name = 'BrokenBarrierError';
  }
}
