/** Being told of a greenlet's end: in order, in a greenlet of one's own, or through an AsyncResult. */
import { AsyncResult, joinall, sleep, spawn } from '@switchyard/gevent';

const fine = spawn(function* answer() {
  yield* sleep(10);
  return 42;
});
const fails = spawn(function* question() {
  yield* sleep(20);
  throw new Error('which one?');
});

for (const greenlet of [fine, fails]) {
  greenlet.linkValue((ended) => console.log('a value:', ended.value));
  greenlet.linkException((ended) => console.log('an error:', (ended.exception as Error).message));
  // A link may wait; nobody waits for it.
  greenlet.link(function* (ended) {
    yield* sleep(50);
    console.log(`${ended === fine ? 'answer' : 'question'} ended a while ago`);
  });
}
const result = new AsyncResult<number>();
fine.link(result);

await joinall([fine, fails]);
console.log('joined');
console.log(await result);
await sleep(100);

// Output:
// a value: 42
// an error: which one?
// joined
// 42
// answer ended a while ago
// question ended a while ago
