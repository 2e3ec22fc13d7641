import { register, revive, share, Shareable } from '../src/index.ts';

/** A shareable class that keeps what it has to itself. */
export class Box extends Shareable {
  readonly #content: unknown;

  constructor(content: unknown) {
    super();
    this.#content = content;
  }

  get content(): unknown {
    return this.#content;
  }

  twice(): unknown {
    return [this.#content, this.#content];
  }

  [share](): unknown {
    return this.#content;
  }

  static [revive](content: unknown): Box {
    return new Box(content);
  }
}
register(import.meta, Box);

/** One that nobody has made known. */
export class Unknown extends Box {}

/** Memory that only threads share. */
export class Memory extends Shareable {
  readonly words: Int32Array<SharedArrayBuffer>;

  constructor(words = new Int32Array(new SharedArrayBuffer(8))) {
    super();
    this.words = words;
  }

  [share](): unknown {
    return this.words;
  }

  static [revive](words: Int32Array<SharedArrayBuffer>): Memory {
    return new Memory(words);
  }
}
register(import.meta, Memory);

/** An error whose constructor wants something else than a message. */
export class Registered extends Error {
  readonly size: number;

  constructor(message: string, size: number) {
    if (typeof size !== 'number') throw new TypeError('a size is needed');
    super(message);
    this.size = size;
  }

  get large(): boolean {
    return this.size > 5;
  }
}
register(import.meta, Registered);
