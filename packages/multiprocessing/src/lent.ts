/** What takes back what was lent to somebody who ended before it came. */
type TakeBack = () => void;

let lent: TakeBack[] | null = null;

/** Something is lent to whoever gets what is being made ready to be sent. @internal */
export function lend(takeBack: TakeBack): void {
  lent?.push(takeBack);
}

/** Sends something, and returns what is to be called if the one that it was sent to ends. @internal */
export function lentIn(action: () => void): readonly TakeBack[] {
  const before = lent;
  const mine: TakeBack[] = [];
  lent = mine;
  try {
    action();
  } catch (error) {
    for (const takeBack of mine) takeBack();
    throw error;
  } finally {
    lent = before;
  }
  return mine;
}
