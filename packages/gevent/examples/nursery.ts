/** A nursery: its children end with it, one failure ends the others, and their cleanup is waited for. */
import { nursery, sleep } from '@switchyard/gevent';

function* load(page: string, ms: number) {
  try {
    yield* sleep(ms);
    if (page === 'broken') throw new Error(`${page} cannot be loaded`);
    return page.length;
  } finally {
    yield* sleep(5);
    console.log(`${page}: closed`);
  }
}

const sum = await nursery(function* (n) {
  const a = n.spawn(load, 'a', 20);
  const bc = n.spawn(load, 'bc', 10);
  return (yield* a) + (yield* bc);
});
console.log('sum:', sum);

try {
  await nursery((n) => {
    n.spawn(load, 'slow', 60_000);
    n.spawn(load, 'broken', 10);
  });
} catch (error) {
  console.log((error as AggregateError).errors.map(String));
}

// Output:
// bc: closed
// a: closed
// sum: 3
// broken: closed
// slow: closed
// [ 'Error: broken cannot be loaded' ]
