// One class for the queues of all packages, so that `instanceof` holds whichever queue has thrown it.

/** A queue had nothing to get. Python: `queue.Empty`. */
export class Empty extends Error {
  static {
    this.prototype.name = 'Empty';
  }
}

/** A queue had no room to put. Python: `queue.Full`. */
export class Full extends Error {
  static {
    this.prototype.name = 'Full';
  }
}

/** A queue has been shut down. Python: `queue.ShutDown`. */
export class ShutDown extends Error {
  static {
    this.prototype.name = 'ShutDown';
  }
}
