import type { Engine } from '../engine.ts';
import { greenlet } from './greenlet.ts';
import { hybrid } from './hybrid.ts';
import { processes } from './processes.ts';
import { select } from './select.ts';
import { serial } from './serial.ts';
import { threads } from './threads.ts';

/** Every engine there is, by name. */
export const ENGINES: ReadonlyMap<string, Engine> = new Map(
  [serial, greenlet, select, threads, processes, hybrid].map((engine) => [engine.name, engine]),
);
