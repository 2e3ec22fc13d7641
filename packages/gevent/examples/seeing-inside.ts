/** What goes on in a program: the tree of greenlets, who held the event loop, and who came and went. */
import diagnostics from 'node:diagnostics_channel';
import { detectBlocking, formatRunInfo, Queue, sleep, spawn } from '@switchyard/gevent';
import { type FinishMessage, getHub } from '@switchyard/hub';

const queue = new Queue<string>();

const parent = spawn(function* crawler() {
  for (const name of ['left', 'right']) {
    spawn(function* () {
      yield* queue.get();
    }).name = name;
  }
  yield* sleep(1000);
});
await sleep(0);
console.log(formatRunInfo().replace(/\d+ switches/, 'n switches'));

const told = (message: unknown): void => {
  const { greenlet, failed } = message as FinishMessage;
  console.log(`${greenlet.name} has ended ${failed ? 'badly' : 'well'}`);
};
diagnostics.subscribe('switchyard:greenlet:finish', told);
await parent.kill();
queue.putNowait('for the left');
queue.putNowait('for the right');
await sleep(0);
diagnostics.unsubscribe('switchyard:greenlet:finish', told);

getHub().onBlock = ({ name, ms }) => console.log(`${name} held the event loop: ${ms >= 60}`);
using detector = detectBlocking({ maxBlockingTime: 50 });
const hog = spawn(function* () {
  const end = performance.now() + 60;
  while (performance.now() < end); // nothing else runs
});
hog.name = 'hog';
await hog;
void detector;

// Output:
// 3 greenlets, 0 awaits, 1 timer, n switches
//   crawler-1 waits for sleep 1000 ms
//     left waits for Queue.get
//     right waits for Queue.get
//
// crawler-1 has ended well
// left has ended well
// right has ended well
// hog held the event loop: true
