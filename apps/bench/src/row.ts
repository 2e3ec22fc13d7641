/**
 * The words the bench is written in. A row of the table has contenders and cases; a contender in a case is a cell;
 * a cell is run several times, each time in a fresh process; a process measures a few rounds, and prints a sample for each.
 */
import type { Mark } from './mark.ts';

/** What one round measured, by metric: nanoseconds or bytes, per operation. */
export type Sample = Readonly<Record<string, number>>;

/**
 * `time`: CPU and wall time per operation. `tree`: the same with the CPU time of all child processes. `parked`: memory per task
 * that `run` has left waiting.
 */
export type Method = 'time' | 'tree' | 'parked';

export type Unit = 'time' | 'bytes';

export interface Metric {
  /** The key in a sample. */
  readonly id: 'cpu' | 'wall' | 'heap' | 'rss' | 'peak' | 'left';
  readonly label: string;
  readonly unit: Unit;
}

/** One setting in which every contender is measured: a depth, a number of greenlets. */
export interface Case {
  readonly id: string;
  readonly label: string;
  readonly value: number;
  /** Operations in a round, where it is not the row's number. */
  readonly n?: number;
}

/** What a Node contender does. Whatever a method returns is awaited. */
export interface Work {
  /** Before each round, outside of the measurement. */
  arrange?(n: number): unknown;
  /** The round: `n` operations. */
  run(n: number): unknown;
  /** After each round, outside of the measurement: lets go of what the round left waiting. */
  release?(): unknown;
  /** After the last round. */
  close?(): unknown;
  /** CPU time of others that counts as well, in nanoseconds: a server that runs in a process of its own. */
  cpuOfOthers?(): number;
}

interface Entrant {
  readonly id: string;
  readonly label: string;
  /** Operations in a round, where the row's number would take too long. The table shows it. */
  readonly n?: number;
  /** Seconds a round: one round a process, after a warm-up with a twentieth of the operations. */
  readonly slow?: boolean;
  /** By the name of a case, why it cannot take part in that one; the others it can. */
  readonly cannot?: Readonly<Record<string, string>>;
}

export interface NodeContender extends Entrant {
  /** The npm package it needs from `peers/`; without it the contender is absent. */
  readonly peer?: string;
  /** Why it cannot take part on this machine; undefined when it can. */
  absence?(): string | undefined;
  /** Runs in the cell's process only, so that a cell never loads what another contender needs. */
  load(value: number): Promise<Work | Work['run']>;
}

export interface PythonContender extends Entrant {
  /** The file in `python/`. */
  readonly script: string;
  /** It needs nothing but Python's standard library; otherwise greenlet and gevent as well. */
  readonly standard?: boolean;
}

export type Contender = NodeContender | PythonContender;

/** What is found or made on this machine before a row is measured. */
export interface Equipment {
  /** What it is: the report says so. */
  readonly note: string;
  /** Where the cells find it. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  /** What one operation is: a figure is "per" this. */
  readonly per: string;
  readonly method: Method;
  /** Operations in a round. */
  readonly n: number;
  /** Measured rounds in a process, where one is so short that three say little. */
  readonly rounds?: number;
  readonly cases: readonly Case[];
  /** The first is the one contenders are compared by. */
  readonly metrics: readonly Metric[];
  readonly contenders: readonly Contender[];
  readonly marks: readonly Mark[];
  /** Called before the row's first cell, in the bench's own process. */
  equip?(): Equipment;
}

export const isPython = (contender: Contender): contender is PythonContender => 'script' in contender;

/** The contender the others are compared with. */
export const OURS = 'ours';

/** For a row that has no settings. */
export const ONE_CASE: readonly Case[] = [{ id: '-', label: '', value: 0 }];

export const CPU_AND_WALL: readonly Metric[] = [
  { id: 'cpu', label: 'CPU', unit: 'time' },
  { id: 'wall', label: 'wall', unit: 'time' },
];

export const HEAP_AND_RSS: readonly Metric[] = [
  { id: 'heap', label: 'heap', unit: 'bytes' },
  { id: 'rss', label: 'RSS', unit: 'bytes' },
];
