import { type Area, type AreaState, areaOf } from '../arena.ts';
import type { Plain } from '../wire.ts';

/** Words that the broker writes and all processes may read, without asking. @internal */
export class Board {
  private readonly area: Area | null;
  private readonly words: number[];

  /** @param params what an object was made with: its `board` says where the words are */
  constructor(params: Plain) {
    this.words = [];
    let area: Area | null = null;
    try {
      area = areaOf((params as unknown as { board: AreaState }).board);
    } catch {
      // The process that made it has ended already, and others will learn so when they want to read it.
    }
    this.area = area;
  }

  /** What a client may have written there; null when there is no board. */
  read(index = 0): number | null {
    return this.area?.readInt32(4 * index) ?? null;
  }

  write(word: number, index = 0): void {
    if (word === (this.words[index] ?? 0)) return;
    this.words[index] = word;
    this.area?.writeInt32(4 * index, word);
  }
}
