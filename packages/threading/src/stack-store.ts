import type { Unpickler } from '@switchyard/remote/core';
import { Memory, newMemory } from './queue-memory.ts';
import { aligned, type Parcel, type Store } from './queue-store.ts';
import type { QueueWords } from './queue-words.ts';

/** Size and token behind the item, where they are found from the top. */
const FOOTER = 8;

/** Last in, first out: the records lie one behind the other up to `last`. @internal */
export class StackStore implements Store {
  readonly memory: readonly SharedArrayBuffer[];
  private readonly stack: Memory;

  constructor(memory: readonly SharedArrayBuffer[] = [newMemory()]) {
    this.memory = memory;
    this.stack = new Memory(memory[0]!);
  }

  put(words: QueueWords, { bytes, token }: Parcel): void {
    const { stack } = this;
    const at = words.last;
    const footer = at + aligned(bytes.size);
    stack.reach(footer + FOOTER);
    bytes.write(stack.bytes, at);
    stack.words[footer >> 2] = bytes.size;
    stack.words[(footer >> 2) + 1] = token;
    words.last = footer + FOOTER;
    words.count++;
    words.unfinished++;
    words.commit();
  }

  take(words: QueueWords, unpickler: Unpickler): number {
    const { stack } = this;
    stack.has(words.last);
    const footer = words.last - FOOTER;
    const size = stack.words[footer >> 2]!;
    const token = stack.words[(footer >> 2) + 1]!;
    const at = footer - aligned(size);
    unpickler.take(stack.bytes, at, size);
    words.last = at;
    words.count--;
    words.commit();
    return token;
  }

  repair(): void {}
}
