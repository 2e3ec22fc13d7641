/** What keeps what it sends back until the turn of the event loop is over. @internal */
export interface Corked {
  uncork(): void;
}

// One list for all: the pieces that are sent in one turn of the loop go out in one call of the kernel for each socket.
let corked: Corked[] = [];

/** Has it uncorked when this turn is over. @internal */
export function uncorkLater(one: Corked): void {
  if (corked.push(one) === 1) process.nextTick(uncorkAll);
}

function uncorkAll(): void {
  const all = corked;
  corked = [];
  for (const one of all) one.uncork();
}
