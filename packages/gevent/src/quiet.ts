import { getcurrent } from '@switchyard/greenlet';
import { hub, LISTED, PENDING, TimedWait, VALUE } from '@switchyard/hub/core';

/** Until nothing runs any more. @internal */
export class WaitForQuiet extends TimedWait<boolean> {
  override expire(): void {
    this.detach();
    this.resume(VALUE, false);
  }

  override describe(): string {
    return 'all other greenlets';
  }

  protected override begin(): boolean | typeof PENDING {
    // The greenlet that waits is alive itself.
    const own = (getcurrent().flags & LISTED) === 0 ? 0 : 1;
    if (hub.alive <= own) return true;
    hub.outsiders.whenQuiet(own, this.finish);
    this.startLimit();
    return PENDING;
  }

  protected override detach(): void {
    hub.outsiders.forgetQuiet(this.finish);
  }

  // A second consumer is told for himself.
  protected override renew(): void {
    super.renew();
    this.finish = this.finisher();
  }

  private finish = this.finisher();

  private finisher(): () => void {
    return () => hub.schedule({ turn: () => this.resume(VALUE, true) });
  }
}
