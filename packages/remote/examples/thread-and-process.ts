/** The same task in a thread and in a child process: what differs is the line that starts the worker. */
import { threadId } from 'node:worker_threads';
import { isMain, task } from '@switchyard/remote';
import { Call, type Exit, Peer, startProcess, startThread } from '@switchyard/remote/core';

export const where = task(import.meta, 'where', () => ({ pid: process.pid, threadId }));

/** One run of `where`, as a promise. */
class Where extends Call {
  private readonly tell: (where: { pid: number; threadId: number }) => void;

  constructor(tell: Where['tell']) {
    super(where, [], 0);
    this.tell = tell;
  }

  override settled(_failed: boolean, outcome: unknown) {
    this.tell(outcome as { pid: number; threadId: number });
  }

  override lost(exit: Exit) {
    console.log('lost', exit);
  }
}

if (isMain(import.meta)) {
  for (const start of [startThread, startProcess]) {
    const peer = new Peer(start, { exited: () => {} });
    const found = await new Promise<{ pid: number; threadId: number }>((resolve) =>
      peer.push(new Where(resolve)),
    );
    console.log(
      found.pid === process.pid ? 'this process,' : 'another process,',
      found.threadId === 0 ? 'main thread' : 'another thread',
    );
    peer.stop();
  }
}

// Output:
// this process, another thread
// another process, main thread
