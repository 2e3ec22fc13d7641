import type { SharedNumbers } from '@switchyard/conformance';
import { register, revive, share, Shareable } from '@switchyard/remote';
import { allocate, type Area, areaOf, type AreaState } from '../src/arena.ts';

/** How many processes may count in one tally. */
export const MEMBERS = 32;
const PAIR = 8;

let member = 0;

/** Gives this process a number of its own: its words are where nobody else writes. */
export function becomeMember(number: number): void {
  if (number < 0 || number >= MEMBERS) throw new RangeError(`Expected a member from 0 to 31, got ${number}`);
  member = number;
}

/**
 * Numbers that processes count in without a lock, which is what is tested. Each process has words of its own: what it has added,
 * and how often. All are read until twice the same was seen: then they were so at one moment.
 */
export class ProcessTally extends Shareable implements SharedNumbers {
  private readonly area: Area;

  constructor(slots: number, area = allocate(slots * MEMBERS * PAIR)) {
    super();
    this.area = area;
  }

  add(slot: number, by: number): number {
    const at = (slot * MEMBERS + member) * PAIR;
    const pair = new Int32Array(2);
    const bytes = new Uint8Array(pair.buffer);
    this.area.read(bytes, at);
    pair[0]! += by;
    pair[1]!++;
    this.area.write(bytes, at);
    return this.at(slot);
  }

  at(slot: number): number {
    let before = this.look(slot);
    for (;;) {
      const now = this.look(slot);
      if (now.every((word, index) => word === before[index])) break;
      before = now;
    }
    let sum = 0;
    for (let at = 0; at < before.length; at += 2) sum += before[at]!;
    return sum;
  }

  private look(slot: number): Int32Array {
    const words = new Int32Array(2 * MEMBERS);
    this.area.read(new Uint8Array(words.buffer), slot * MEMBERS * PAIR);
    return words;
  }

  [share](): AreaState {
    return this.area.describe();
  }

  static [revive](state: AreaState): ProcessTally {
    return new ProcessTally(0, areaOf(state));
  }
}

register(import.meta, ProcessTally);
