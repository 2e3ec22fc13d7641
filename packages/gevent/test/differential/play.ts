/** Plays scenarios with our gevent; `player.py` does the same with Python's. */
import { getHub, type Waitable, withVirtualTime } from '@switchyard/hub';
import {
  type AsyncResult,
  type Coroutine,
  getcurrent,
  type Greenlet,
  GreenletExit,
  iwait,
  joinall,
  killall,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  wait,
  type Waitlike,
  withTimeout,
} from '../../src/index.ts';
import { PoolSteps } from './pool-steps.ts';
import { Boom } from './stage.ts';
import type { Scenario, Step, StepOptions, Trace } from './scenario.ts';

/** Plays a scenario in virtual time. @returns what happened, in order */
export function play(scenario: Scenario): Promise<Trace> {
  return withVirtualTime(() => new Player(scenario).run());
}

/** The run of a scenario, and the steps on greenlets and the blocks of steps. */
export class Player extends PoolSteps {
  *run(): Coroutine<Trace> {
    const hub = getHub();
    const before = hub.onError;
    hub.onError = () => undefined;
    try {
      try {
        yield* this.steps('main', this.bodies['main'] ?? []);
      } catch (error) {
        this.say('main', 'ends with', error);
      }
      if (this.ends) {
        yield* this.end();
        this.ended();
      }
      const said = [...this.trace];
      for (const map of this.maps) map[Symbol.dispose]();
      yield* killall(this.everybody);
      // Errors that nobody observes are told of when the event loop has turned.
      yield* sleep(1);
      return said;
    } finally {
      hub.onError = before;
    }
  }

  /** Kills all that still live, which some survive more than once, and says what has become of each. */
  private *end(): Coroutine {
    for (const timeout of this.timeouts.values()) timeout.cancel();
    for (let rounds = 1; ; rounds++) {
      const alive = [...this.everybody].filter((g) => !g.dead);
      if (alive.length === 0) break;
      if (rounds > 100) {
        this.say('main', 'cannot end', alive);
        break;
      }
      try {
        // Due at no other time.
        yield* killall(alive, { timeout: 3 + 2 ** -10, error: GreenletExit });
      } catch (error) {
        if (!(error instanceof Timeout)) throw error;
      }
    }
    // Links have their turn, and what nobody has a name for comes to its end.
    yield* sleep(1000);
    for (const [name, g] of Object.entries(this.greenlets)) this.sayState('main', name, g);
  }

  protected override *body(name: string): Coroutine<unknown> {
    this.everybody.add(getcurrent() as unknown as Greenlet<unknown>);
    const value = yield* this.steps(name, this.bodies[name] as Step[]);
    this.say(name, 'ends');
    return value;
  }

  private *steps(who: string, steps: Step[]): Coroutine<unknown> {
    for (const step of steps) {
      if (step[0] === 'return') return step[1];
      try {
        yield* this.step(who, step);
      } catch (error) {
        this.hears(error);
        throw error;
      }
    }
    return undefined;
  }

  private *step(who: string, step: Step): Coroutine {
    const wait = <T>(on: unknown, limit: number | undefined, from: Waitable<T>): Coroutine<T> =>
      this.waits({ who, verb: step[0], on, limit }, from);
    const unknown = greenletOf(step);
    if (unknown !== null && this.greenlets[unknown] === undefined) return this.say(who, 'knows no', unknown);
    switch (step[0]) {
      case 'log':
        return this.say(who, step[1]);
      case 'sleep':
        return yield* wait(null, step[1], sleep(step[1]));
      case 'fail':
        throw new Boom();
      case 'spawn': {
        const [, ...names] = step;
        for (const name of names) this.spawned(name, () => spawn(() => this.body(name)));
        return;
      }
      case 'spawnLater': {
        const [, ms, name] = step;
        this.spawned(name, () => spawnLater(ms, () => this.body(name)));
        return;
      }
      case 'join': {
        const [, name, options] = step;
        const g = this.greenlets[name]!;
        yield* wait(g, options?.timeout, g.join(options));
        return this.say(who, 'joined', name, g.dead);
      }
      case 'get': {
        const [, name, options] = step;
        const g = this.greenlets[name]!;
        return yield* this.says(
          who,
          'got',
          wait(g, options?.timeout, g.get(options)),
          () => g.value,
          options,
        );
      }
      case 'state':
        return this.sayState(who, step[1], this.greenlets[step[1]]!);
      case 'kill': {
        const [, name, { boom, ...options } = {}] = step;
        const g = this.greenlets[name]!;
        const error = boom ? new Boom() : undefined;
        if (options.block === false) g.kill(error, { ...options, block: false });
        else {
          try {
            yield* wait(g, options.timeout, g.kill(error, options));
          } catch (thrown) {
            // In Python the kill of a single greenlet just returns when its time is up.
            if (!this.own(thrown, options)) throw thrown;
          }
        }
        return this.say(who, 'killed', name);
      }
      case 'killall': {
        const [, names, options] = step;
        // An exit of its own for each, as in Python: shared, it would not tell whose it is.
        const all = this.named(names);
        const error = GreenletExit;
        try {
          if (options?.block === false) killall(all, { error, block: false });
          else yield* wait(all, options?.timeout, killall(all, { ...options, error }));
          this.say(who, 'killed all');
        } catch (thrown) {
          if (!this.own(thrown, options)) throw thrown;
          this.say(who, 'could not kill all');
        }
        return;
      }
      case 'joinall': {
        const [, names, options] = step;
        const all = this.named(names);
        if (enough(all, options)) return this.say(who, 'need not join');
        try {
          this.say(who, 'joined', yield* wait(all, options?.timeout, joinall(all, options)));
        } catch (error) {
          if (!(error instanceof Boom)) throw error;
          this.say(who, 'joinall threw', error);
        }
        return;
      }
      case 'wait': {
        const [, names, options] = step;
        const all = this.objectsOf(names);
        if (enough(all, options)) return this.say(who, 'need not wait');
        return this.say(who, 'has ready', yield* wait(all, options?.timeout, waitFor(all, options)));
      }
      case 'iwait': {
        const [, names, options] = step;
        const all = this.objectsOf(names);
        using ready = iwait(all, options);
        for (;;) {
          const next = yield* wait(all, options?.timeout, ready.next());
          if (next.done === true) break;
          this.say(who, 'sees ready', next.value);
          if (options?.pause !== undefined) yield* sleep(options.pause);
        }
        return this.say(who, 'has seen all');
      }
      case 'link': {
        const [, name, kind, label] = step;
        const g = this.greenlets[name]!;
        const told = this.linked(kind, g, (ended) =>
          this.say(label, 'told of', (ended as typeof g).successful()),
        );
        g[kind](told);
        this.links.set(label, () => this.unlinks(told, g));
        return;
      }
      case 'unlink':
        this.links.get(step[1])?.();
        this.links.delete(step[1]);
        return;
      case 'linkResult':
        this.greenlets[step[1]]!.link(this.objects[step[2]] as AsyncResult);
        return;
      case 'try': {
        const [, body, caught, final = []] = step;
        try {
          yield* this.steps(who, body);
        } catch (error) {
          this.say(who, 'caught', error);
          yield* this.steps(who, caught);
          if (caught.some(([verb]) => verb === 'again')) throw error;
        } finally {
          yield* this.steps(who, final);
        }
        return;
      }
      case 'again':
        return;
      case 'timeout': {
        const [, ms, body] = step;
        using timeout = Timeout.start(ms);
        this.starts(timeout, ms);
        try {
          yield* this.steps(who, body);
        } catch (error) {
          if (!(error instanceof Timeout)) throw error;
          this.say(who, error === timeout ? 'its own timeout' : 'another timeout');
          if (error !== timeout) throw error;
          return;
        }
        this.passes(timeout);
        return this.say(who, 'in time');
      }
      case 'withTimeout': {
        const [, ms, value, body] = step;
        return this.say(who, 'within', yield* withTimeout(ms, () => this.steps(who, body), { value }));
      }
      case 'startTimeout': {
        const [, name, ms] = step;
        this.timeouts.get(name)?.cancel();
        const timeout = Timeout.start(ms);
        this.starts(timeout, ms);
        this.timeouts.set(name, timeout);
        return;
      }
      case 'cancelTimeout': {
        const timeout = this.timeouts.get(step[1]);
        if (timeout === undefined) return;
        this.say(who, 'cancels', step[1], timeout.pending);
        return timeout.cancel();
      }
      default:
        yield* this.poolStep(who, step, wait);
    }
  }
}

/**
 * Whether a wait for these is over before it begins. Ours then answers at once, as all its waits do; Python's lets
 * others run first, and so is not asked.
 */
function enough(objects: Waitlike[], { count = objects.length }: StepOptions = {}): boolean {
  return objects.filter((one) => one.ready()).length >= Math.min(count, objects.length);
}

function waitFor(objects: Waitlike[], options: StepOptions | undefined): Waitable<Waitlike[]> {
  return wait(objects, options);
}

/** The greenlet that a step cannot do without. */
function greenletOf(step: Step): string | null {
  switch (step[0]) {
    case 'join':
    case 'get':
    case 'state':
    case 'kill':
    case 'link':
    case 'linkResult':
      return step[1];
    case 'poolAdd':
      return step[2];
    default:
      return null;
  }
}
