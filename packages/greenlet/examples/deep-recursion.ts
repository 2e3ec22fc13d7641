/** `call` puts a nested coroutine on the greenlet's own frame stack: no depth is too deep, and none slows a resume. */
import { call, type Coroutine, getcurrent, Greenlet, run } from '@switchyard/greenlet';

const main = getcurrent();

function* sum(n: number): Coroutine<number> {
  if (n === 0) return (yield* main.switch('at the bottom')) as number;
  return n + (yield* call(sum(n - 1)));
}

const greenlet = new Greenlet(() => sum(50_000));
console.log(run(greenlet.switch()));
console.log(run(greenlet.switch(0)));

// Output:
// at the bottom
// 1250025000
