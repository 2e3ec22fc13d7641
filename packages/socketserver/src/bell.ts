import { Event } from '@switchyard/gevent';
import { POLLIN, type Pollable } from '@switchyard/select';

/** An event that is part of something else, after which its waits are named. @internal */
export class Bell extends Event {
  private readonly label: string;

  constructor(label: string) {
    super();
    this.label = label;
  }

  override get purpose(): string {
    return this.label;
  }

  /** Has it set whenever there is something to receive. */
  watch(file: Pollable): void {
    file.addWatch({ mask: POLLIN, hit: () => this.set(), gone: () => this.set() });
    if ((file.events & POLLIN) !== 0) this.set();
  }
}
