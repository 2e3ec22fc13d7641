/** Values as bytes and back: what Python's pickle does, for what structured clone takes and for objects that are shareable. */
import { register, revive, share, Shareable, task } from '@switchyard/remote';
import { dumps, loads } from '@switchyard/remote/core';

class Celsius extends Shareable {
  readonly degrees: number;

  constructor(degrees: number) {
    super();
    this.degrees = degrees;
  }

  fahrenheit() {
    return this.degrees * 1.8 + 32;
  }

  [share]() {
    return this.degrees;
  }

  static [revive](degrees: number) {
    return new Celsius(degrees);
  }
}
register(import.meta, Celsius);

const shout = task(import.meta, 'shout', (text: string) => text.toUpperCase());

const { bytes } = dumps({ when: new Date(0), weather: new Map([['Oslo', [new Celsius(20)]]]), shout });
const value = loads(bytes) as { when: Date; weather: Map<string, Celsius[]>; shout: typeof shout };
console.log(value.when.getTime(), value.weather.get('Oslo')?.[0]?.fahrenheit());
console.log(value.shout === shout, value.shout('hello'));

try {
  dumps({ jobs: [{ run: () => 1 }] });
} catch (error) {
  console.log((error as Error).name, (error as Error).message);
}

// Output:
// 0 68
// true HELLO
// CloneError Cannot be sent to another thread or process: item.jobs[0].run: a function (run)
