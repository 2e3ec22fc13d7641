import type { Engine } from '../engine.ts';
import { greenlet } from './greenlet.ts';
import { serial } from './serial.ts';
import { threads } from './threads.ts';

/** Every engine there is, by name. */
export const ENGINES: ReadonlyMap<string, Engine> = new Map(
  [serial, greenlet, threads].map((engine) => [engine.name, engine]),
);
