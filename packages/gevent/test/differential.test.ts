/**
 * The same scenarios in Python's gevent and here: what happened, and in which order, has to be the same. Those that are
 * meant to differ say what they are to be here, with the reason.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { skip, suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { getHub, withVirtualTime } from '@switchyard/hub';
import {
  AsyncResult,
  BoundedSemaphore,
  type Coroutine,
  Empty,
  Event,
  Full,
  Greenlet,
  GreenletExit,
  Group,
  joinall,
  JoinableQueue,
  killall,
  Pool,
  Queue,
  Semaphore,
  sleep,
  spawn,
  spawnLater,
  Timeout,
  wait,
  type Waitlike,
} from '../src/index.ts';

type Step = [verb: string, ...args: any[]];
interface Description {
  objects?: Record<string, [kind: string, size?: number]>;
  greenlets: Record<string, Step[]>;
  /** What happens here, where it is meant to differ, and why. */
  here?: string[];
  why?: string;
}
interface Options {
  timeout?: number;
  block?: boolean;
  blocking?: boolean;
  boom?: boolean;
  count?: number;
  raiseError?: boolean;
  maxsize?: number;
  pause?: number;
}

class Boom extends Error {}

class Scenario {
  private readonly bodies: Record<string, Step[]>;
  private readonly objects: Record<string, any> = {};
  private readonly greenlets: Record<string, Greenlet<unknown>> = {};
  readonly log: string[] = [];

  constructor(scenario: Description) {
    this.bodies = scenario.greenlets;
    for (const [name, [kind, size]] of Object.entries(scenario.objects ?? {}))
      this.objects[name] = make(kind, size);
  }

  *run(): Coroutine<string[]> {
    const hub = getHub();
    const before = hub.onError;
    hub.onError = () => undefined;
    try {
      yield* this.steps('main', this.bodies['main'] as Step[]);
    } catch (error) {
      this.say('main', 'ends with', error);
    }
    const said = [...this.log];
    yield* killall(Object.values(this.greenlets));
    yield* sleep(0);
    hub.onError = before;
    return said;
  }

  private say(who: string, ...words: unknown[]): void {
    this.log.push([who, ...words.map((word) => this.shown(word))].join(' '));
  }

  private shown(value: unknown): string {
    if (value === undefined || value === null) return 'none';
    if (value instanceof Boom) return 'Boom';
    if (value instanceof Error) return value.name;
    if (Array.isArray(value)) return `[${value.map((one) => this.shown(one)).join(' ')}]`;
    for (const names of [this.greenlets, this.objects]) {
      for (const [name, known] of Object.entries(names)) if (known === value) return name;
    }
    return String(value);
  }

  private *body(name: string): Coroutine<unknown> {
    const value = yield* this.steps(name, this.bodies[name] as Step[]);
    this.say(name, 'ends');
    return value;
  }

  private *steps(who: string, steps: Step[]): Coroutine<unknown> {
    for (const [verb, ...args] of steps) {
      if (verb === 'return') return args[0];
      yield* this.step(who, verb, args);
    }
    return undefined;
  }

  private known(name: string): any {
    return this.greenlets[name] ?? this.objects[name];
  }

  private *step(who: string, verb: string, args: any[]): Coroutine {
    const [name, second, third] = args;
    const g = this.greenlets[name];
    const thing = this.objects[name];
    switch (verb) {
      case 'log':
        return this.say(who, name);
      case 'sleep':
        return yield* sleep(name);
      case 'fail':
        throw new Boom();
      case 'spawn':
        for (const one of args as string[]) this.greenlets[one] = spawn(() => this.body(one));
        return;
      case 'spawnLater':
        this.greenlets[second] = spawnLater(name, () => this.body(second));
        return;
      case 'join':
        yield* g!.join(second);
        return this.say(who, 'joined', name, g!.dead);
      case 'get':
        return yield* this.saying(who, 'got', g!.get(second), Boom, Timeout);
      case 'state':
        return this.say(who, 'sees', name, g!.dead, g!.ready(), g!.successful(), g!.value, g!.exception);
      case 'kill': {
        const { boom, ...options } = (second ?? {}) as Options;
        const error = boom ? new Boom() : undefined;
        if (options.block === false) g!.kill(error, { ...options, block: false });
        else {
          try {
            yield* g!.kill(error, options);
          } catch (thrown) {
            if (!(thrown instanceof Timeout)) throw thrown;
          }
        }
        return this.say(who, 'killed', name);
      }
      case 'killall':
        try {
          const all = (name as string[]).map((one) => this.greenlets[one]!);
          if (second?.block === false) killall(all, { block: false });
          else yield* killall(all, second as Options);
          this.say(who, 'killed all');
        } catch (error) {
          if (!(error instanceof Timeout)) throw error;
          this.say(who, 'could not kill all');
        }
        return;
      case 'joinall':
        try {
          this.say(
            who,
            'joined',
            yield* joinall(
              (name as string[]).map((one) => this.greenlets[one]!),
              second,
            ),
          );
        } catch (error) {
          if (!(error instanceof Boom)) throw error;
          this.say(who, 'joinall threw', error);
        }
        return;
      case 'wait':
        return this.say(
          who,
          'has ready',
          yield* wait(
            (name as string[]).map((one) => this.known(one) as Waitlike),
            second,
          ),
        );
      case 'link':
        g![second as 'link']((ended) => this.say(third, 'told of', (ended as Greenlet).successful()));
        return;
      case 'linkResult':
        g!.link(this.objects[second]);
        return;
      case 'try':
        try {
          yield* this.steps(who, name);
        } catch (error) {
          this.say(who, 'caught', error);
          yield* this.steps(who, second);
          if (JSON.stringify(second).includes('["again"]')) throw error;
        } finally {
          yield* this.steps(who, third ?? []);
        }
        return;
      case 'again':
        return;
      case 'timeout': {
        using timeout = Timeout.start(name);
        try {
          yield* this.steps(who, second);
          this.say(who, 'in time');
        } catch (error) {
          if (!(error instanceof Timeout)) throw error;
          this.say(who, error === timeout ? 'its own timeout' : 'another timeout');
          if (error !== timeout) throw error;
        }
        return;
      }
      case 'set':
        thing.set(second);
        return this.say(who, 'set', name);
      case 'setException':
        thing.setException(new Boom());
        return this.say(who, 'failed', name);
      case 'clear':
        thing.clear();
        return this.say(who, 'cleared', name);
      case 'await':
        return this.say(who, 'waited for', name, yield* thing.wait(second));
      case 'result':
        return yield* this.saying(who, `got ${name}`, thing.get(second), Boom, Timeout);
      case 'rawlink':
        return thing.rawlink((source: unknown) => this.say(second, 'told of', source));
      case 'acquire':
        return this.say(who, 'acquired', name, yield* thing.acquire(second));
      case 'release':
        try {
          thing.release();
          this.say(who, 'released', name, thing.counter);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          this.say(who, 'released too often');
        }
        return;
      case 'put':
        try {
          yield* thing.put(second, third);
          this.say(who, 'put', second);
        } catch (error) {
          if (!(error instanceof Full)) throw error;
          this.say(who, error);
        }
        return;
      case 'take':
      case 'peek':
        try {
          this.say(
            who,
            verb === 'take' ? 'took' : 'peeked',
            yield* verb === 'take' ? thing.get(second) : thing.peek(second),
          );
        } catch (error) {
          if (!(error instanceof Empty)) throw error;
          this.say(who, error);
        }
        return;
      case 'size':
        return this.say(who, 'size', thing.qsize(), thing.empty(), thing.full());
      case 'done':
        try {
          thing.taskDone();
          this.say(who, 'done');
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          this.say(who, 'done too often');
        }
        return;
      case 'joinQueue':
        return this.say(who, 'joined', yield* thing.join(second));
      case 'poolSpawn': {
        const made = new Greenlet(() => this.body(second));
        this.greenlets[second] = made;
        const started = thing.start(made);
        // A group has room in any case, and starts at once.
        if (started !== undefined) yield* started;
        return this.say(who, 'started', second);
      }
      case 'poolAdd': {
        const added = thing.add(this.greenlets[second]);
        if (added !== undefined) yield* added;
        return;
      }
      case 'poolState':
        return this.say(who, 'pool', thing.size, thing.full());
      case 'poolJoin':
        return yield* this.saying(who, 'pool joined', thing.join(second), Boom, Boom, 'pool join threw');
      case 'poolKill':
        if (second?.block === false) thing.kill({ block: false });
        else yield* thing.kill();
        return this.say(who, 'pool killed');
      case 'apply':
        return this.say(who, 'applied', yield* thing.apply(() => this.body(second)));
      case 'applyAsync':
        this.greenlets[second] = thing.applyAsync(
          () => this.body(second),
          [],
          (value: unknown) => this.say(who, 'callback', value),
        );
        return;
      case 'map':
        return yield* this.saying(
          who,
          'mapped',
          thing.map((ms: number) => this.item(ms), second),
          Boom,
          Boom,
          'map threw',
        );
      case 'imap': {
        const { pause, ...options } = (args[3] ?? {}) as Options;
        const it = thing[second]((ms: number) => this.item(ms), third, options);
        for (;;) {
          try {
            const next = yield* it.next();
            if (next.done) break;
            this.say(who, second, next.value);
          } catch (error) {
            if (!(error instanceof Boom)) throw error;
            this.say(who, second, error);
          }
          if (pause !== undefined) yield* sleep(pause);
        }
        return this.say(who, second, 'ends');
      }
      default:
        throw new Error(`no operation ${verb}`);
    }
  }

  /** Says what something gives, or which of two errors it throws. */
  private *saying(
    who: string,
    what: string,
    from: Iterable<any>,
    One: new () => Error,
    Other: new () => Error,
    failed = what,
  ): Coroutine {
    try {
      const value: unknown = yield* from as Coroutine<unknown>;
      this.say(who, what, value);
    } catch (error) {
      // In Python this is what `get` of a killed greenlet gives.
      const given = error instanceof GreenletExit && what === 'got';
      if (!given && !(error instanceof One) && !(error instanceof Other)) throw error;
      this.say(who, failed, error);
    }
  }

  private *item(ms: number): Coroutine<number> {
    yield* sleep(Math.abs(ms));
    this.log.push(`item ${ms}`);
    if (ms < 0) throw new Boom();
    return ms;
  }
}

function make(kind: string, size?: number): unknown {
  switch (kind) {
    case 'event':
      return new Event();
    case 'result':
      return new AsyncResult();
    case 'semaphore':
      return new Semaphore(size);
    case 'bounded':
      return new BoundedSemaphore(size);
    case 'queue':
      return new Queue(size);
    case 'joinable':
      return new JoinableQueue(size);
    case 'group':
      return new Group();
    case 'pool':
      return new Pool(size);
    default:
      throw new Error(`no object ${kind}`);
  }
}

const file = fileURLToPath(new URL('./differential/scenarios.json', import.meta.url));
const scenarios = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Description>;

/** What happens in Python, or why that cannot be seen. */
async function inPython(...options: string[]): Promise<Record<string, string[]> | string> {
  const script = fileURLToPath(new URL('./differential/run.py', import.meta.url));
  const reasons: string[] = [];
  for (const python of ['/usr/bin/python3', 'python3']) {
    try {
      const { stdout } = await promisify(execFile)(python, [script, file, ...options], { timeout: 60_000 });
      return JSON.parse(stdout) as Record<string, string[]>;
    } catch (error) {
      const { message, stderr = '' } = error as Error & { stderr?: string };
      // That one is missing is no failure; that the script does not run is.
      if (!/ENOENT|No module named/.test(message + stderr)) throw error;
      reasons.push(`${python}: ${stderr.trim().split('\n').at(-1) || message}`);
    }
  }
  return `Python's gevent is not there (${reasons.join('; ')})`;
}

const test = suite('as in Python');
let python: Record<string, string[]> | string = '';

test.before(async () => {
  python = await inPython();
});

for (const [name, scenario] of Object.entries(scenarios)) {
  test(name, { timeout: 30_000 }, async () => {
    const here = await withVirtualTime(() => new Scenario(scenario).run());
    if (scenario.here !== undefined) assert.equal(here, scenario.here, scenario.why);
    if (typeof python === 'string') skip(python);
    let there = python[name];
    // There it runs in real time, and on a busy machine two timers may be late together: once more, and slower.
    if (scenario.here === undefined && String(here) !== String(there)) {
      there = ((await inPython('--slower', '5', name)) as typeof python)[name];
    }
    if (scenario.here === undefined) assert.equal(here, there);
    else assert.not.equal(here, there, 'it does not differ any more');
  });
}

test.run();
