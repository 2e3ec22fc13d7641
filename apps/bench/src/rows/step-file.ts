/** Steps counted in a file that processes share: four bytes, which are read and written back. */
import { readSync, writeSync } from 'node:fs';

const word = new Int32Array(1);

export function stepsIn(file: number): number {
  readSync(file, word, 0, 4, 0);
  return word[0] as number;
}

export function setSteps(file: number, steps: number): void {
  word[0] = steps;
  writeSync(file, word, 0, 4, 0);
}

export const step = (file: number): void => setSteps(file, stepsIn(file) + 1);
