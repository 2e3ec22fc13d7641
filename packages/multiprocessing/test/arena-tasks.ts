/** What the tests of shared memory have other processes and threads do. */
import { readdirSync } from 'node:fs';
import { task } from '@switchyard/remote';
import { allocate, type Area, areaOf, type AreaState } from '../src/arena.ts';

/** Areas that are kept in use, and opened ones. */
const kept: Area[] = [];

/** As on a system where a file must have a name. */
export const named = task(import.meta, 'named', () => {
  Object.defineProperty(process, 'platform', { value: 'another' });
});

export const make = task(import.meta, 'make', (bytes: number, word: number) => {
  const area = allocate(bytes);
  area.writeInt32(0, word);
  kept.push(area);
  return area.describe();
});

export const wordOf = task(import.meta, 'wordOf', (state: AreaState, change = 0) => {
  const area = areaOf(state);
  kept.push(area);
  const word = area.readInt32(0);
  if (change !== 0) area.writeInt32(0, word + change);
  return word;
});

export const openFiles = task(import.meta, 'openFiles', () => readdirSync('/proc/self/fd').length);

/** Writes one of two words at a time, and never anything else, until the word behind them is set. */
export const flicker = task(import.meta, 'flicker', (state: AreaState) => {
  const area = areaOf(state);
  const [zeros, ones] = [new Uint8Array(8), new Uint8Array(8).fill(0xff)];
  let rounds = 0;
  while (area.readInt32(8) === 0) {
    area.write(zeros);
    area.write(ones);
    rounds++;
    if (rounds === 1) area.writeInt32(12, 1);
  }
  return rounds;
});
