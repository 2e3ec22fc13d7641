/** An error arrives with its class, its cause and its properties, and a worker that dies is told of. */
import { isMain, register, task } from '@switchyard/remote';
import { Call, type Exit, Peer, startProcess } from '@switchyard/remote/core';

export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, options?: ErrorOptions) {
    super(`status ${status}`, options);
    this.status = status;
  }

  get retry() {
    return this.status >= 500;
  }
}
register(import.meta, HttpError);

export const download = task(import.meta, 'download', (url: string) => {
  throw new HttpError(503, {
    cause: Object.assign(new Error(`no answer from ${url}`), { code: 'ECONNRESET' }),
  });
});
export const exit = task(import.meta, 'exit', (code: number) => process.exit(code));

/** Runs a task over there. */
function run(peer: Peer, target: object, ...args: unknown[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    class Run extends Call {
      override settled(failed: boolean, outcome: unknown) {
        if (failed) reject(outcome);
        else resolve(outcome);
      }

      override lost({ code, signal }: Exit) {
        reject(new Error(`the worker ended with ${signal ?? `code ${code}`}`));
      }
    }
    peer.push(new Run(target, args, 0));
  });
}

if (isMain(import.meta)) {
  const peer = new Peer(startProcess, { exited: () => {} });
  try {
    await run(peer, download, 'http://nowhere');
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    console.log(error.message, error.retry);
    const cause = error.cause as NodeJS.ErrnoException;
    console.log(cause.message, cause.code);
    console.log(error.stack?.includes('errors.ts'));
  }
  await run(peer, exit, 3).catch((error: Error) => console.log(error.message));
}

// Output:
// status 503 true
// no answer from http://nowhere ECONNRESET
// true
// the worker ended with code 3
