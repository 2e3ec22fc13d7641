/** A group holds greenlets until they end, to be waited for or killed together. */
import { Group, sleep, spawn } from '@switchyard/gevent';

const group = new Group();

function* wait(ms: number) {
  try {
    yield* sleep(ms);
    console.log(`${ms} ms are over`);
  } finally {
    if (ms > 1000) console.log(`${ms} ms were too long`);
  }
}

group.spawn(wait, 20);
group.spawn(wait, 10);
group.add(spawn(wait, 5000));
console.log(`${group.size} members`);

console.log('all ended:', await group.join({ timeout: 100 }));
console.log(`${group.size} member`);
await group.kill();
console.log('all ended:', await group.join());

group.spawn(() => {
  throw new Error('a member failed');
});
await group.join({ raiseError: true }).then(null, (error: Error) => console.log(error.message));

// Output:
// 3 members
// 10 ms are over
// 20 ms are over
// all ended: false
// 1 member
// 5000 ms were too long
// all ended: true
// a member failed
