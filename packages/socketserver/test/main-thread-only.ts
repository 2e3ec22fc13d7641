/** A module that threads cannot import. */
import { isMainThread } from 'node:worker_threads';
import { register, StreamRequestHandler } from '../src/index.ts';

if (!isMainThread) throw new RangeError('not in a thread');

export class MainOnly extends StreamRequestHandler {}
register(import.meta, MainOnly);
