import { show } from '@switchyard/greenlet/scheduler';

/**
 * The chunks of a streamed body on their way to undici, which leaves it to us to end them when the request is aborted.
 * @internal
 */
export class Upload implements AsyncIterable<Uint8Array | string>, AsyncIterator<Uint8Array | string> {
  /** Told of each chunk that was taken and of the end: the server owes no answer before. */
  onProgress: (() => void) | null = null;
  readonly #iterator: AsyncIterator<unknown>;
  #over = false;

  constructor(chunks: AsyncIterable<unknown>) {
    this.#iterator = chunks[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array | string, undefined>> {
    const { done, value } = await this.#iterator.next();
    this.onProgress?.();
    if (done === true || this.#over) {
      this.#over = true;
      return { done: true, value: undefined };
    }
    if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
      throw new TypeError(
        `Expected each chunk of the request's \`body\` to be bytes or a string, got ${show(value)}`,
      );
    }
    return { done: false, value };
  }

  async return(): Promise<IteratorResult<Uint8Array | string, undefined>> {
    this.cancel();
    return { done: true, value: undefined };
  }

  /** Nobody will read on: lets the source end itself, without waiting for it. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    // The request has failed with an error of its own; what the source's cleanup throws would only hide it.
    this.#iterator.return?.().catch(() => {});
  }
}
