import type { ResponseBody } from './response-body.ts';
import type { ChunkSource } from './wire-body.ts';

/** A body as a web stream, which takes a chunk from the source each time that its reader asks for one. @internal */
export function bodyStream(body: ResponseBody, open: () => ChunkSource): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(new BodyPull(body, open), { highWaterMark: 0 });
}

class BodyPull {
  private readonly body: ResponseBody;
  private readonly open: () => ChunkSource;

  constructor(body: ResponseBody, open: () => ChunkSource) {
    this.body = body;
    this.open = open;
  }

  pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const source = this.open();
    return new Promise((resolve) => {
      const look = (): void => {
        const chunk = source.read();
        if (chunk === null && source.failure === null && !source.ended) return;
        source.changed = null;
        if (chunk !== null) {
          controller.enqueue(chunk);
        } else if (source.failure !== null) {
          this.body.abort(source.failure.error);
          controller.error(source.failure.error);
        } else {
          controller.close();
        }
        resolve();
      };
      source.changed = look;
      look();
    });
  }

  cancel(reason: unknown): void {
    this.body.cancel(reason);
  }
}
