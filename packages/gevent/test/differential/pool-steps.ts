/** The steps on groups and pools. */
import { type Coroutine, getcurrent, Greenlet, GreenletExit, sleep } from '../../src/index.ts';
import { ObjectSteps, type Wait } from './object-steps.ts';
import { Boom, type Members } from './stage.ts';
import type { Step } from './scenario.ts';

export abstract class PoolSteps extends ObjectSteps {
  protected *poolStep(who: string, step: Step, wait: Wait): Coroutine {
    const pool = this.objects[step[1] as string] as Members;
    switch (step[0]) {
      case 'poolSpawn': {
        const [, , name] = step;
        if (!this.spawned(name, () => new Greenlet(() => this.body(name)))) return;
        const started = pool.start(this.greenlets[name]!);
        // A group has room in any case, and starts at once.
        if (started !== undefined) yield* wait(pool, undefined, started);
        return this.say(who, 'started', name);
      }
      case 'poolAdd': {
        const added = pool.add(this.greenlets[step[2]]!);
        if (added !== undefined) yield* wait(pool, undefined, added);
        return;
      }
      case 'poolDiscard': {
        const g = this.greenlets[step[2]];
        if (g !== undefined) pool.discard(g);
        return;
      }
      case 'poolState':
        return this.say(who, 'pool', pool.size, pool.full());
      case 'poolJoin': {
        const [, , options] = step;
        try {
          this.say(who, 'pool joined', yield* wait(pool, options?.timeout, pool.join(options)));
        } catch (error) {
          if (!(error instanceof Boom)) throw error;
          this.say(who, 'pool join threw', error);
        }
        return;
      }
      case 'poolKill':
        pool.kill({ block: false });
        // Those that had not begun are dead already; ours does not wait for anything then, and Python's does.
        if (step[2]?.block !== false && [...pool].some((member) => !member.dead))
          yield* wait(pool, undefined, pool.kill());
        return this.say(who, 'pool killed');
      case 'killone': {
        const g = this.greenlets[step[2]];
        if (g === undefined) return;
        // Who is no member, or dies already, is waited for here, and not in Python.
        pool.killone(g, { block: false });
        return this.say(who, 'killed one');
      }
      case 'apply': {
        const [, , name] = step;
        let member: Greenlet<unknown> | undefined;
        const applied = pool.apply(() => {
          member = getcurrent() as unknown as Greenlet<unknown>;
          return this.body(name);
        });
        return yield* this.says(who, 'applied', wait(pool, undefined, applied), () => member?.value);
      }
      case 'applyAsync': {
        const [, , name] = step;
        // Whether the callback of a killed one is called depends, in Python, on whether there was room for it.
        const callback = (value: unknown): void => {
          if (!(value instanceof GreenletExit)) this.say(who, 'callback', value);
        };
        this.spawned(name, () => pool.applyAsync(() => this.body(name), [], callback));
        return;
      }
      case 'map':
        try {
          const mapped = pool.map((ms: number) => this.item(ms), step[2]);
          this.say(who, 'mapped', yield* wait(pool, undefined, mapped));
        } catch (error) {
          if (!(error instanceof Boom)) throw error;
          this.say(who, 'map threw', error);
        }
        return;
      case 'imap': {
        const [, , verb, items, { pause, ...options } = {}] = step;
        const it = pool[verb]((ms: number) => this.item(ms), items, options);
        this.maps.push(it);
        for (;;) {
          try {
            const next = yield* wait(pool, undefined, it.next());
            if (next.done === true) break;
            this.say(who, verb, next.value);
          } catch (error) {
            if (!(error instanceof Boom)) throw error;
            this.say(who, verb, error);
          }
          if (pause !== undefined) yield* sleep(pause);
        }
        return this.say(who, verb, 'ends');
      }
      default:
        yield* this.objectStep(who, step, wait);
    }
  }
  private *item(ms: number): Coroutine<number> {
    this.everybody.add(getcurrent() as unknown as Greenlet<unknown>);
    yield* sleep(Math.abs(ms));
    this.say('item', ms);
    if (ms < 0) throw new Boom();
    return ms;
  }
}
