/** What keeps the event loop alive: sockets, servers, timers, workers, child processes. */

/** Requests that end by themselves, and the streams of the process itself. */
const passing = /^(TTYWrap|FSReq.*|FileHandleCloseReq|TickObject|Immediate|CloseReq|.*ReqWrap|.*Wrap:req)$/;

export type Handles = Map<string, number>;

export function activeHandles(): Handles {
  const counts: Handles = new Map();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!passing.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What is open now and was not open before, such as `['TCPServerWrap', '2 x Timeout']`. */
export function newHandles(before: Handles): string[] {
  const found: string[] = [];
  for (const [kind, count] of activeHandles()) {
    const more = count - (before.get(kind) ?? 0);
    if (more > 0) found.push(more === 1 ? kind : `${more} x ${kind}`);
  }
  return found;
}
