/** A generator made of a greenlet: whoever asks for the next value becomes its parent, and so receives it. */
import { type Coroutine, getcurrent, Greenlet, run } from '@switchyard/greenlet';

type Tree = { value: number; left?: Tree; right?: Tree };

function* generate<T>(body: (give: (value: T) => Coroutine<void>) => Coroutine<void>): Generator<T> {
  const greenlet: Greenlet = new Greenlet(() => body((value) => handOut(greenlet, value)));
  for (;;) {
    // Whoever asks for a value is the one to receive it.
    greenlet.parent = getcurrent();
    const value = run(greenlet.switch<T>());
    if (greenlet.dead) return;
    yield value;
  }
}

function* handOut(greenlet: Greenlet, value: unknown): Coroutine<void> {
  yield* greenlet.parent!.switch(value);
}

function inOrder(tree: Tree | undefined): Generator<number> {
  return generate(function* walk(give): Coroutine<void> {
    function* visit(node: Tree | undefined): Coroutine<void> {
      if (node === undefined) return;
      yield* visit(node.left);
      yield* give(node.value);
      yield* visit(node.right);
    }
    yield* visit(tree);
  });
}

const tree: Tree = {
  value: 4,
  left: { value: 2, left: { value: 1 }, right: { value: 3 } },
  right: { value: 5 },
};

console.log([...inOrder(tree)].join(' '));

// Two of them in step, as the same-fringe problem wants it.
const a = inOrder(tree);
const b = inOrder({
  value: 2,
  left: { value: 1 },
  right: { value: 4, left: { value: 3 }, right: { value: 6 } },
});
for (const x of a) {
  const y = b.next().value as number;
  console.log(x, y, x === y ? 'same' : 'different');
}

// Output:
// 1 2 3 4 5
// 1 1 same
// 2 2 same
// 3 3 same
// 4 4 same
// 5 6 different
