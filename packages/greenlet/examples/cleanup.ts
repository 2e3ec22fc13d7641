/** A kill is thrown in, so that cleanup runs and may itself switch; the code after it does not. */
import { getcurrent, Greenlet, GreenletExit, run } from '@switchyard/greenlet';

const main = getcurrent();

const session = new Greenlet(function* () {
  try {
    console.log('open');
    yield* main.switch();
    console.log('never printed');
  } finally {
    console.log('saying goodbye');
    const answer = yield* main.switch('goodbye?');
    console.log(`closed with ${answer}`);
  }
});

run(session.switch());
console.log(run(session.throw())); // a GreenletExit, unless something else is thrown
console.log(run(session.switch('a handshake')) instanceof GreenletExit, session.dead);

{
  using second = new Greenlet(function* () {
    try {
      yield* main.switch();
    } finally {
      console.log('disposed of at the end of the block');
    }
  });
  run(second.switch());
}

// Output:
// open
// saying goodbye
// goodbye?
// closed with a handshake
// true true
// disposed of at the end of the block
