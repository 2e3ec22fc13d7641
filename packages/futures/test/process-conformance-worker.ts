/** What the contract of futures runs in processes, and counts by. */
import { mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SharedNumbers, type TaskName, tasks } from '@switchyard/conformance';
import { register, revive, share, Shareable, task } from '@switchyard/remote';

/** No two processes of a test have the same of so many places: their ids are given out one after the other. */
const PLACES = 1024;
const word = new Int32Array(1);

/**
 * Numbers of all processes, in a file. There is nothing that adds to one in one step: each adds to words of its own, and they
 * are added up.
 */
export class ProcessTally extends Shareable implements SharedNumbers {
  private readonly path: string;
  private readonly file: number;

  constructor(path: string) {
    super();
    this.path = path;
    this.file = openSync(path, 'r+');
  }

  add(slot: number, by: number): number {
    const at = (slot * PLACES + (process.pid % PLACES)) * word.byteLength;
    readSync(this.file, word, 0, word.byteLength, at);
    word[0]! += by;
    writeSync(this.file, word, 0, word.byteLength, at);
    return this.at(slot);
  }

  at(slot: number): number {
    const all = new Int32Array(PLACES);
    readSync(this.file, all, 0, all.byteLength, slot * all.byteLength);
    return all.reduce((sum, one) => sum + one, 0);
  }

  [share](): unknown {
    return this.path;
  }

  static [revive](path: string): ProcessTally {
    const known = opened.get(path) ?? new ProcessTally(path);
    opened.set(path, known);
    return known;
  }
}

register(import.meta, ProcessTally);

/** Those that have come to this process. */
const opened = new Map<string, ProcessTally>();
let folder: string | null = null;
let made = 0;

/** One whose numbers are 0. */
export function newTally(slots: number): ProcessTally {
  if (folder === null) {
    folder = mkdtempSync(join(tmpdir(), 'tally-'));
    process.once('exit', () => rmSync(folder as string, { recursive: true, force: true }));
  }
  const path = join(folder, `${++made}`);
  writeFileSync(path, new Int32Array(slots * PLACES));
  return new ProcessTally(path);
}

/** Each of the contract's tasks by its name. */
export const processTasks = Object.fromEntries(
  Object.entries(tasks).map(([name, fn]) => [
    name,
    task(import.meta, name, fn as (...args: never[]) => unknown),
  ]),
) as Record<TaskName, (...args: never[]) => unknown>;
