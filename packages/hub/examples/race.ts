/** The next message or the next tick, whichever comes first: the loser is cancelled and takes nothing. */
import { all, type Coroutine, race, sleep, Waiter, withVirtualTime } from '@switchyard/hub';

/** A queue in ten lines, made of waiters. */
class Mailbox {
  private readonly letters: string[] = [];
  private taker: Waiter | null = null;

  put(letter: string): void {
    this.letters.push(letter);
    this.taker?.wake();
  }

  *take(): Coroutine<string> {
    while (this.letters.length === 0) yield* (this.taker = new Waiter());
    return this.letters.shift()!;
  }
}

const box = new Mailbox();

function* sender(): Coroutine<void> {
  yield* sleep(25);
  box.put('hello');
  yield* sleep(10);
  box.put('bye');
}

function* receiver(): Coroutine<void> {
  for (;;) {
    const [what, letter] = yield* race({ letter: box.take(), tick: sleep(10) });
    console.log(what === 'tick' ? 'tick' : `letter: ${letter}`);
    if (letter === 'bye') return;
  }
}

// Virtual time only makes this program quick, and its output the same every time.
await withVirtualTime(() => all([receiver(), sender()]));

// Output:
// tick
// tick
// letter: hello
// tick
// letter: bye
