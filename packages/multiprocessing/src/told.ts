import { hub } from '@switchyard/hub/core';
import type { Asking } from './link.ts';
import type { Stub } from './stub.ts';
import type { Plain } from './wire.ts';

/** Something said to the broker that has its answer awaited by nobody; its failure is reported. @internal */
export class Told implements Asking {
  private readonly heard: (value: Plain) => void;

  private constructor(heard: (value: Plain) => void) {
    this.heard = heard;
  }

  /** Says it. @param heard called with the answer, before anything that comes after it is heard; it may throw */
  static say(
    stub: Stub,
    verb: string,
    arg: Plain,
    body: Uint8Array | null,
    heard: (value: Plain) => void,
  ): void {
    stub.link.ask(new Told(heard), stub.handle, verb, arg, body);
  }

  answered(value: Plain): void {
    try {
      this.heard(value);
    } catch (error) {
      this.refused(error);
    }
  }

  refused(error: unknown): void {
    hub.reports.report(error, null);
  }
}
