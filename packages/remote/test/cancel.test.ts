/** Calls that are to stop, and such as are taken back. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { failure, Host, type Kind, kinds } from './support.ts';
import * as tasks from './tasks.ts';

for (const kind of Object.keys(kinds) as Kind[]) {
  const test = suite(kind);
  const timeout = 20_000;
  let host: Host;
  test.before(() => {
    host = new Host(kind);
  });
  test.after(() => host.end());

  test('a loop that never waits sees that it is cancelled', { timeout }, async () => {
    const call = host.run(tasks.loop);
    assert.is(await call.news(), 'in the loop');
    assert.ok(host.peer.cancel(call, new Error('enough')));
    assert.is(await call, true);
    assert.is(host.peer.cancel(call, new Error('too late')), false);
  });

  test('a loop behind another one that was cancelled with it does not start', { timeout }, async () => {
    const first = host.run(tasks.loop);
    await first.news();
    const second = host.run(tasks.loop);
    host.peer.cancel(second, new Error('not at all'));
    host.peer.cancel(first, new Error('enough'));
    assert.is(await first, true);
    assert.instance(await failure(second), Error);
    assert.equal(second.events, []);
  });

  test('the signal of an async task aborts with the reason', { timeout }, async () => {
    const call = host.run(tasks.untilAborted);
    await call.news();
    host.peer.cancel(call, new RangeError('out of time'));
    assert.is(await call, 'aborted: out of time');
  });

  test('a generator task is killed, and cleans up', { timeout }, async () => {
    const call = host.run(tasks.forever);
    await call.news();
    host.peer.cancel(call, new Error('enough'));
    const error = await failure(call);
    assert.is(error.name, 'GreenletExit');
    assert.equal(call.events, ['waiting', 'cleaned up']);
    assert.is(await host.run(tasks.add, 1, 2), 3);
  });

  test('a task that waits for its turn is cancelled', { timeout }, async () => {
    const first = host.run(tasks.untilAborted);
    await first.news();
    const second = host.run(tasks.add, 1, 2);
    assert.ok(host.peer.cancel(second, new RangeError('not needed')));
    assert.is((await failure(second)).message, 'not needed');
    host.peer.cancel(first, new Error('enough'));
    await first;
  });

  test('what was given is taken back only if it has not begun', { timeout }, async () => {
    const first = host.run(tasks.untilAborted);
    await first.news();
    const second = host.run(tasks.add, 1, 2);
    assert.is(host.peer.takeBack(first), false);
    assert.is(host.peer.takeBack(second), kind === 'thread');
    assert.is(host.peer.calls.length, kind === 'thread' ? 1 : 2);
    host.peer.cancel(first, new Error('enough'));
    await first;
    assert.is(await host.run(tasks.add, 2, 2), 4);
    assert.is(second.ends, kind === 'thread' ? 0 : 1);
  });

  test('any number may be taken back behind one that runs', { timeout }, async () => {
    const first = host.run(tasks.untilAborted);
    await first.news();
    if (kind === 'thread') {
      // More than there are places in shared memory: that of the first one must not be given away.
      for (let round = 0; round < 100; round++) {
        assert.ok(host.peer.takeBack(host.run(tasks.add, 1, 2)), `round ${round}`);
      }
    }
    assert.is.not(host.peer.runtime.begun(first.id), false);
    host.peer.cancel(first, new Error('enough'));
    await first;
  });

  test.run();
}
