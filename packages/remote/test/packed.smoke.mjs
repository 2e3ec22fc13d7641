/** Run against the packed package, from plain JavaScript: a task, an object and an error, through a thread and a process. */
import assert from 'node:assert/strict';
import { CloneError, isMain, register, revive, share, Shareable, task } from '@switchyard/remote';
import { Call, Peer, startProcess, startThread } from '@switchyard/remote/core';

export class Box extends Shareable {
  constructor(content) {
    super();
    this.content = content;
  }

  [share]() {
    return this.content;
  }

  static [revive](content) {
    return new Box(content);
  }
}
register(import.meta, Box);

export const twice = task(import.meta, 'twice', async ({ box }) => ({ box: new Box(box.content * 2) }));
export const fail = task(import.meta, 'fail', () => {
  throw Object.assign(new RangeError('out of it'), { code: 'E_OUT' });
});
export const exit = task(import.meta, 'exit', (code) => process.exit(code));

function run(peer, target, ...args) {
  return new Promise((resolve, reject) => {
    class Run extends Call {
      settled(failed, outcome) {
        if (failed) reject(outcome);
        else resolve(outcome);
      }

      lost({ code }) {
        reject(new Error(`lost with code ${code}`));
      }
    }
    peer.push(new Run(target, args, 0));
  });
}

if (isMain(import.meta)) {
  for (const start of [startThread, startProcess]) {
    let ended;
    const exited = new Promise((resolve) => (ended = resolve));
    const peer = new Peer(start, { exited: (_peer, how) => ended(how) });
    const { box } = await run(peer, twice, { box: new Box(21) });
    assert.ok(box instanceof Box);
    assert.equal(box.content, 42);
    await assert.rejects(run(peer, fail), (error) => error instanceof RangeError && error.code === 'E_OUT');
    await assert.rejects(run(peer, twice, { f: () => 1 }), (error) => error instanceof CloneError);
    await assert.rejects(run(peer, exit, 3), /lost with code 3/);
    assert.equal((await exited).code, 3);
  }
}
