/** Starts two child processes, tells who they are, and is gone. */
import { Host } from '../support.ts';
import * as tasks from '../tasks.ts';

const waiting = new Host('process');
const busy = new Host('process');
await waiting.run(tasks.add, 1, 2);
const call = busy.run(tasks.busy);
await call.news();
process.stdout.write(`${waiting.peer.runtime.id} ${busy.peer.runtime.id}\n`, () =>
  process.kill(process.pid, 'SIGKILL'),
);
