/** A timer that goes off again and again until it is cancelled; and one whose work is done in a worker thread. */
import { currentThread, isMain, Queue, task, Timer } from '@switchyard/threading';

class RepeatingTimer {
  private timer: Timer | null = null;
  private readonly ms: number;
  private readonly target: () => void;

  constructor(ms: number, target: () => void) {
    this.ms = ms;
    this.target = target;
  }

  start(): void {
    this.timer = new Timer(this.ms, () => {
      this.start();
      this.target();
    });
    this.timer.start();
  }

  cancel(): void {
    this.timer?.cancel();
  }
}

export const ring = task(import.meta, 'ring', (bell: string) => `${bell} rings in ${currentThread().name}`);

if (isMain(import.meta)) {
  const ticks = new Queue<string>();
  const clock = new RepeatingTimer(20, () => ticks.putNowait('tick'));
  clock.start();
  for (let n = 1; n <= 3; n++) console.log(await ticks.get(), n);
  clock.cancel();

  const alarm = new Timer(20, ring, ['the bell'], { name: 'Alarm' });
  alarm.start();
  console.log(await alarm);

  const never = new Timer(60_000, ring, ['nothing']);
  never.start();
  never.cancel();
  console.log('ended:', await never.join());
}

// Output:
// tick 1
// tick 2
// tick 3
// the bell rings in Alarm
// ended: true
