/** A prompt in a running program, for whoever may connect to the loopback: `nc 127.0.0.1 port`. */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { BackdoorServer, main, Queue, sleep, spawn, until } from '@switchyard/gevent';

await main(function* () {
  const jobs = new Queue<string>();
  spawn(function* consumer() {
    for (;;) console.log('job:', yield* jobs.get());
  });

  const backdoor = new BackdoorServer({ locals: { jobs }, banner: 'Welcome' });
  const { port } = yield* backdoor.start();

  // What you would type:
  const session = connect(port, '127.0.0.1');
  session.write('jobs.putNowait("by hand")\n');
  session.write('printRunInfo()\n');
  session.write('.exit\n');
  const said = yield* until(text(session));
  console.log(said.replace(/\d+ switches/, 'n switches'));

  yield* sleep(0);
  yield* backdoor.stop();
});

// Output:
// job: by hand
// Welcome
// >>> >>> 2 greenlets, 1 await, 0 timers, n switches
//   main waits for until(promise)
//     consumer-1 waits for Queue.get
// >>>
