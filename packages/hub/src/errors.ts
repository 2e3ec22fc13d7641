/**
 * Nothing can ever wake those who wait: every greenlet is parked, and the event loop has run empty. The message is the
 * tree of the parked greenlets and what each of them waits for.
 *
 * Python: `gevent.exceptions.LoopExit`.
 */
export class LoopExit extends Error {
  static {
    this.prototype.name = 'LoopExit';
  }
}

/**
 * Control came to a waiting greenlet from somebody it did not wait for, or a greenlet tried to wait where the event
 * loop cannot turn. Python: `gevent.exceptions.InvalidSwitchError`.
 */
export class InvalidSwitchError extends Error {
  static {
    this.prototype.name = 'InvalidSwitchError';
  }
}

/**
 * An object that serves one greenlet at a time was used by a second one.
 * Python: `gevent.exceptions.ConcurrentObjectUseError`.
 */
export class ConcurrentObjectUseError extends Error {
  static {
    this.prototype.name = 'ConcurrentObjectUseError';
  }
}
