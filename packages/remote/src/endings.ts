const waits: (() => PromiseLike<unknown>)[] = [];

/** Has something waited for before a child process ends that has done its task. @internal */
export function beforeEnd(wait: () => PromiseLike<unknown>): void {
  waits.push(wait);
}

/** Waits for all that this process should not end before. @internal */
export async function readyToEnd(): Promise<void> {
  for (const wait of waits) await wait();
}
