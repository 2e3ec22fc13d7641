/** A task that tells how far it is, and stops when it is asked to: a plain loop, which never lets the event loop turn. */
import { currentTask, isMain, task } from '@switchyard/remote';
import { Call, type Exit, Peer, startThread } from '@switchyard/remote/core';

export const search = task(import.meta, 'search', (from: number) => {
  const context = currentTask();
  context.emit(`${context.name} begins at ${from}`);
  let n = from;
  while (!context.cancelled) n++;
  return n < from ? 'below' : 'stopped';
});

class Search extends Call {
  private readonly peer: Peer;

  constructor(peer: Peer, from: number) {
    super(search, [from], 0);
    this.peer = peer;
  }

  override event(news: unknown) {
    console.log(news);
    this.peer.cancel(this, new Error('enough'));
  }

  override settled(failed: boolean, outcome: unknown) {
    console.log(failed ? 'failed' : outcome);
    this.peer.stop();
  }

  override lost(exit: Exit) {
    console.log('lost', exit);
  }
}

if (isMain(import.meta)) {
  const peer = new Peer(startThread, { exited: () => console.log('gone') });
  peer.push(new Search(peer, 1000));
}

// Output:
// search begins at 1000
// stopped
// gone
