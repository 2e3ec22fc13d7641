/** Who switches to whom, and with what: a tracer is told of each switch, in the greenlet where it arrives. */
import { getcurrent, Greenlet, run, settrace } from '@switchyard/greenlet';

const main = getcurrent();

const worker = new Greenlet(function* () {
  yield* main.switch();
  throw new Error('tired');
});
worker.name = 'worker';

settrace((event, origin, target) => {
  console.log(`${event.padEnd(6)} ${origin.name} -> ${target.name}`);
});

run(worker.switch());
try {
  run(worker.switch());
} catch (error) {
  console.log(`main hears: ${(error as Error).message}`);
}

settrace(null);

// Output:
// switch main -> worker
// switch worker -> main
// switch main -> worker
// throw  worker -> main
// main hears: tired
