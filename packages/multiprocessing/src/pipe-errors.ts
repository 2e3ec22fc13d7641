/** The other end has been closed, and nothing more comes. Python: `EOFError`. */
export class EOFError extends Error {
  static {
    this.prototype.name = 'EOFError';
  }
}

/** The other end has been closed, and nobody will receive what is sent. Python: `BrokenPipeError`. */
export class BrokenPipeError extends Error {
  static {
    this.prototype.name = 'BrokenPipeError';
  }
  readonly code = 'EPIPE';
}
