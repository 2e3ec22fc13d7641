/** A producer and a consumer that switch to each other, with nothing in between: each item is a switch. */
import { Greenlet, run } from '@switchyard/greenlet';

const END = Symbol('end');

const producer: Greenlet = new Greenlet(function* () {
  for (const fruit of ['apple', 'pear', 'plum']) {
    console.log('made', fruit);
    const wanted = yield* consumer.switch<boolean>(fruit);
    if (!wanted) return 'the consumer had enough';
  }
  yield* consumer.switch(END);
  return 'all was eaten';
});

const consumer: Greenlet = new Greenlet(function* (first: string | symbol) {
  let item = first;
  for (let eaten = 0; item !== END; eaten++) {
    console.log('ate', item);
    item = yield* producer.switch<string | symbol>(eaten < 1);
  }
});

console.log(run(producer.switch()));

// Output:
// made apple
// ate apple
// made pear
// ate pear
// the consumer had enough
