/** The first program of Python's greenlet, in which two functions hand control to each other in mid-flight. */
import { Greenlet, run } from '@switchyard/greenlet';

const first: Greenlet = new Greenlet(function* () {
  console.log(12);
  yield* second.switch();
  console.log(34);
});

const second: Greenlet = new Greenlet(function* () {
  console.log(56);
  yield* first.switch();
  console.log(78);
});

run(first.switch()); // returns when `first` has ended: its parent is this very code
run(second.switch()); // which leaves `second` suspended where it gave control away

// Output:
// 12
// 56
// 34
// 78
