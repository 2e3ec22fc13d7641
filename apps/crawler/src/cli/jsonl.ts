import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { PageRecord } from '../core/record.ts';
import { UsageError } from './usage-error.ts';

/** How many records' worth of text is gathered before it is written: one call costs as much as ten records. */
const BATCH = 16 * 1024;

/** Writes records, one JSON object a line, and says when it cannot keep up. */
export class JsonlWriter {
  /** Records written or on their way. */
  written = 0;
  readonly #stream: Writable;
  /** Standard output must not be closed. */
  readonly #closes: boolean;
  #batch = '';
  #scheduled = false;
  #full = false;
  #error: Error | undefined = undefined;
  #onChange: () => void = () => {};

  private constructor(stream: Writable, closes: boolean) {
    this.#stream = stream;
    this.#closes = closes;
    stream.on('error', (error: Error) => {
      this.#error ??= error;
      this.#onChange();
    });
    stream.on('drain', () => {
      this.#full = false;
      this.#onChange();
    });
  }

  /**
   * Opens a file, which is emptied, or standard output for `-`.
   *
   * @throws UsageError when the file cannot be written.
   */
  static async open(path: string): Promise<JsonlWriter> {
    if (path === '-') return new JsonlWriter(process.stdout, false);
    const stream = createWriteStream(path);
    try {
      await once(stream, 'open');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(
        `Cannot write the records to "${path}" (${reason}); pass --jsonl a file in a folder that exists, or -`,
      );
    }
    return new JsonlWriter(stream, true);
  }

  /** Whether so much waits to be written that no more should be made. */
  get full(): boolean {
    return this.#full && this.#error === undefined;
  }

  /** What writing failed with; nothing is written after it. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether writing failed because nobody reads any more, as behind `| head`. */
  get readerGone(): boolean {
    return (this.#error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
  }

  /** Calls `listener` when {@link full} or {@link error} changed. */
  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  write(record: PageRecord): void {
    if (this.#error !== undefined) return;
    this.#batch += `${JSON.stringify(record)}\n`;
    this.written++;
    if (this.#batch.length >= BATCH) {
      this.#flush();
    } else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
  }

  /** Waits until everything is written. */
  async close(): Promise<void> {
    this.#flush();
    if (this.#error !== undefined) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => {
        resolve();
      });
      if (this.#closes) this.#stream.end(resolve);
      else
        this.#stream.write('', () => {
          resolve();
        });
    });
  }

  #flush(): void {
    if (this.#batch === '' || this.#error !== undefined) return;
    const batch = this.#batch;
    this.#batch = '';
    if (this.#stream.write(batch) || this.#full) return;
    this.#full = true;
    this.#onChange();
  }
}
