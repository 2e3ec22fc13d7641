/** Handlers that tests have run in every kind of server: threads and processes import this module. */
import { threadId } from 'node:worker_threads';
import type { Coroutine } from '@switchyard/hub';
import { sleep } from '@switchyard/gevent';
import { currentThread } from '@switchyard/threading';
import { BaseRequestHandler, register, StreamRequestHandler } from '../src/index.ts';

/** Echoes a line, as a generator. */
export class Echo extends StreamRequestHandler {
  override *handle(): Coroutine {
    yield* this.wfile.write(yield* this.rfile.readline());
  }
}
register(import.meta, Echo);

/** The same, as an async function. */
export class AsyncEcho extends BaseRequestHandler {
  override async handle(): Promise<void> {
    await this.request.sendall(await this.request.readline());
  }
}
register(import.meta, AsyncEcho);

/** Does what it is told, line by line. */
export class Orders extends StreamRequestHandler {
  override *handle(): Coroutine {
    for (;;) {
      const line = yield* this.rfile.readline({ encoding: 'utf8' });
      if (line === '') return;
      const [order, ...rest] = line.trim().split(' ');
      if (order === 'who') yield* this.say(`${process.pid} ${threadId} ${currentThread().name}`);
      else if (order === 'peer') yield* this.say(String(this.request.getpeername()));
      else if (order === 'own') yield* this.say(String(this.request.getsockname()));
      else if (order === 'carrier') yield* this.say(this.request.wire.wire!.constructor.name);
      else if (order === 'client') yield* this.say(String(this.clientAddress));
      else if (order === 'server') {
        yield* this.say(`${String(this.server.serverAddress)} ${JSON.stringify(this.server.shared)}`);
      } else if (order === 'count') yield* this.count(Number(rest[0]));
      else if (order === 'give') yield* this.wfile.write(Buffer.alloc(Number(rest[0]), 'x'));
      else if (order === 'throw') throw new RangeError(rest.join(' '));
      else if (order === 'exit') process.exit(Number(rest[0]));
      else if (order === 'wait') {
        yield* this.say('waiting');
        try {
          yield* sleep(60_000);
        } finally {
          yield* this.say('killed');
        }
      } else yield* this.say(line.trim());
    }
  }

  private *say(text: string): Coroutine {
    yield* this.wfile.write(`${text}\n`);
  }

  /** Reads so many bytes slowly at first, and says how many of them were wrong. */
  private *count(size: number): Coroutine {
    yield* sleep(20);
    const bytes = yield* this.rfile.read(size);
    let wrong = 0;
    for (let at = 0; at < bytes.length; at++) if (bytes[at] !== at % 251) wrong++;
    yield* this.say(`${bytes.length} ${wrong}`);
  }
}
register(import.meta, Orders);

/** Tells what it was asked to, when. */
export class Steps extends BaseRequestHandler {
  override setup(): void {
    (this.server.shared as string[]).push('setup');
  }
  override *handle(): Coroutine {
    yield* sleep(0);
    (this.server.shared as string[]).push('handle');
    throw new Error('in handle');
  }
  override async finish(): Promise<void> {
    await Promise.resolve();
    (this.server.shared as string[]).push('finish');
  }
}
