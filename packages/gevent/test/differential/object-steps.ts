/** The steps on events, results, locks and queues. */
import { type Waitable } from '@switchyard/hub';
import { RuntimeError } from '@switchyard/hub/core';
import {
  AsyncResult,
  type Coroutine,
  Empty,
  Event,
  Full,
  type JoinableQueue,
  type Queue,
  Semaphore,
} from '../../src/index.ts';
import { Boom, type Lock, pin, Stage } from './stage.ts';
import type { Step } from './scenario.ts';

/** A wait of a step, as it is to be consumed. */
export type Wait = <T>(on: unknown, limit: number | undefined, from: Waitable<T>) => Coroutine<T>;

export abstract class ObjectSteps extends Stage {
  protected *objectStep(who: string, step: Step, wait: Wait): Coroutine {
    switch (step[0]) {
      case 'set': {
        const thing = this.objects[step[1]] as Event | AsyncResult;
        // What is set a second time, in Python some still get with its first value.
        if (thing instanceof AsyncResult && thing.ready()) return this.say(who, 'need not set', step[1]);
        pin(thing, thing.linkcount() > 0);
        this.sets(thing);
        if (thing instanceof Event) thing.set();
        else thing.set(step[2] ?? null);
        return this.say(who, 'set', step[1]);
      }
      case 'setException': {
        const thing = this.objects[step[1]] as AsyncResult;
        if (thing.ready()) return this.say(who, 'need not fail', step[1]);
        pin(thing, thing.linkcount() > 0);
        thing.setException(new Boom());
        return this.say(who, 'failed', step[1]);
      }
      case 'clear':
        (this.objects[step[1]] as Event).clear();
        return this.say(who, 'cleared', step[1]);
      case 'await': {
        const [, name, options] = step;
        const thing = this.objects[name] as Event;
        return this.say(who, 'waited for', name, yield* wait(thing, options?.timeout, thing.wait(options)));
      }
      case 'result': {
        const [, name, options] = step;
        const thing = this.objects[name] as AsyncResult;
        const got = wait(thing, options?.timeout, thing.get(options));
        return yield* this.says(who, `got ${name}`, got, () => thing.value, options);
      }
      case 'rawlink': {
        const [, name, label] = step;
        const thing = this.objects[name] as Event;
        const told = this.linked('rawlink', thing, (source) => this.say(label, 'told of', source));
        pin(thing, thing.ready());
        thing.rawlink(told);
        this.links.set(label, () => this.unlinks(told, thing));
        return;
      }
      case 'acquire': {
        const [, name, options] = step;
        const thing = this.objects[name] as Lock;
        const taken = yield* wait(thing, options?.timeout, thing.acquire(options));
        if (taken) this.took(thing);
        return this.say(who, 'acquired', name, taken);
      }
      case 'release': {
        const thing = this.objects[step[1]] as Lock;
        pin(thing, thing.linkcount() > 0);
        try {
          thing.release();
        } catch (error) {
          if (!(error instanceof RangeError) && !(error instanceof RuntimeError)) throw error;
          return this.say(who, 'released too often');
        }
        this.gave(thing);
        return this.say(who, 'released', step[1], thing instanceof Semaphore ? thing.counter : null);
      }
      case 'put': {
        const [, name, item, options] = step;
        const queue = this.objects[name] as Queue<number>;
        try {
          yield* wait(queue, options?.timeout, queue.put(item, options));
        } catch (error) {
          if (!(error instanceof Full)) throw error;
          return this.say(who, error);
        }
        this.hasPut(queue, item);
        return this.say(who, 'put', item);
      }
      case 'take':
      case 'peek': {
        const [verb, name, options] = step;
        const queue = this.objects[name] as Queue<number>;
        let item: number;
        try {
          const from = verb === 'take' ? queue.get(options) : queue.peek(options);
          item = yield* wait(queue, options?.timeout, from);
        } catch (error) {
          if (!(error instanceof Empty)) throw error;
          return this.say(who, error);
        }
        if (verb === 'take') this.hasTaken(queue, item);
        return this.say(who, verb === 'take' ? 'took' : 'peeked', item);
      }
      case 'size': {
        const queue = this.objects[step[1]] as Queue<number>;
        return this.say(who, 'size', queue.qsize(), queue.empty(), queue.full());
      }
      case 'done':
        try {
          (this.objects[step[1]] as JoinableQueue<number>).taskDone();
          this.say(who, 'done');
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          this.say(who, 'done too often');
        }
        return;
      case 'joinQueue': {
        const [, name, options] = step;
        const queue = this.objects[name] as JoinableQueue<number>;
        return this.say(who, 'joined', yield* wait(queue, options?.timeout, queue.join(options)));
      }
      default:
        throw new Error(`no verb ${step[0]}`);
    }
  }
}
