import type { ClientRequest } from 'node:http';
import { currentWork, type Operation } from './work.ts';

type Requests = (...args: unknown[]) => ClientRequest;

/** `request` of `node:http` and `node:https`: an interrupt destroys what it returns. @internal */
export function patchedRequest(original: Requests): Requests {
  return function request(...args) {
    const work = currentWork();
    const sent = original(...args);
    if (work === null) return sent;
    const operation = new SentRequest(sent);
    if (work.interruption !== null) operation.interrupt(work.interruption.error);
    else {
      work.pending.add(operation);
      sent.once('close', () => work.pending.delete(operation));
    }
    return sent;
  };
}

/** `get` of the same. @internal */
export function patchedGet(request: Requests): Requests {
  return function get(...args) {
    const sent = request(...args);
    sent.end();
    return sent;
  };
}

class SentRequest implements Operation {
  private readonly request: ClientRequest;

  constructor(request: ClientRequest) {
    this.request = request;
  }

  interrupt(error: unknown): void {
    // Nobody has to listen for the error of a kill.
    this.request.on('error', () => {});
    this.request.destroy(error as Error);
  }
}
