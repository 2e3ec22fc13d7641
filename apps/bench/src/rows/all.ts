import type { Row } from '../row.ts';
import { row as deepResume } from './deep-resume.ts';
import { row as event } from './event.ts';
import { row as fetch } from './fetch.ts';
import { row as kill } from './kill.ts';
import { row as memory } from './memory.ts';
import { row as million } from './million.ts';
import { row as processLock } from './process-lock.ts';
import { row as processMap } from './process-map.ts';
import { row as processPipe } from './process-pipe.ts';
import { row as processQueue } from './process-queue.ts';
import { row as processStart } from './process-start.ts';
import { row as processTask } from './process-task.ts';
import { row as processValue } from './process-value.ts';
import { row as queue } from './queue.ts';
import { row as selectEcho } from './select-echo.ts';
import { row as selectFairness } from './select-fairness.ts';
import { row as selectMemory } from './select-memory.ts';
import { row as selectPoll } from './select-poll.ts';
import { row as sleep0 } from './sleep0.ts';
import { row as socketserver } from './socketserver.ts';
import { row as spawnJoin } from './spawn-join.ts';
import { row as switching } from './switch.ts';
import { row as threadLock } from './thread-lock.ts';
import { row as threadMap } from './thread-map.ts';
import { row as threadMove } from './thread-move.ts';
import { row as threadQueue } from './thread-queue.ts';
import { cold as threadCold, warm as threadWarm } from './thread-start.ts';
import { row as threadTask } from './thread-task.ts';

/** In the order of the performance table. */
export const ROWS: readonly Row[] = [
  switching,
  deepResume,
  spawnJoin,
  sleep0,
  queue,
  event,
  memory,
  million,
  kill,
  fetch,
  selectEcho,
  selectFairness,
  selectPoll,
  selectMemory,
  socketserver,
  threadTask,
  threadMap,
  threadMove,
  threadLock,
  threadQueue,
  threadWarm,
  threadCold,
  processTask,
  processMap,
  processLock,
  processQueue,
  processPipe,
  processValue,
  processStart,
];
