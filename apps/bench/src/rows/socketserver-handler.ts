/** What the servers of `socketserver.ts` run, also in threads and processes, which import this module. */
import type { Coroutine } from '@switchyard/greenlet';
import { BaseRequestHandler, register } from '@switchyard/socketserver';

/** Echoes whatever comes, until its client ends. */
export class Echo extends BaseRequestHandler {
  override *handle(): Coroutine {
    for (;;) {
      const bytes = yield* this.request.recv();
      if (bytes.length === 0) return;
      yield* this.request.sendall(bytes);
    }
  }
}
register(import.meta, Echo);
