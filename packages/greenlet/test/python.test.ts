/**
 * The same random programs as `python/random_programs.py`, which writes what is to come out: their logs, tracing
 * included, were recorded from greenlet 2.0.2 as digests. To see where a log differs, print both:
 *
 *   python3 test/python/random_programs.py 40 60
 *   PRINT=40,60 node --conditions=@switchyard/source --import tsx test/python.test.ts
 */
import { createHash } from 'node:crypto';
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import {
  call,
  type Coroutine,
  getcurrent,
  Greenlet,
  type GreenletError,
  GreenletExit,
  run,
  settrace,
} from '@switchyard/greenlet';

const GREENLETS = 5;
const STEPS = 40;
const SEEDS = 20;

/** Of the logs of 20 seeds each, from 0 up. */
const recorded: string[] = [
  'ba0e3249558b224f',
  '00708090ab35810e',
  'cbd0f048bd709800',
  'fb25c8a78929faa6',
  'abe5c50efb7b8004',
  '6aef0227b5af53e1',
  '15022f7eb7a53e62',
  '2e0e14dcfeca4a78',
  'ab288b87d20b9af9',
  '1a35ad4dbaef02b0',
];

class Planned extends Error {}

function program(
  seed: number,
  nest: <T>(body: Coroutine<T>) => Iterable<any> & { [Symbol.iterator](): Iterator<any, T> },
): string[] {
  const main = getcurrent();
  let state = seed;
  let step = 0;
  let made = 0;
  const names = new Map<Greenlet | null, string>([
    [main, 'main'],
    [null, 'nobody'],
  ]);
  const alive: (Greenlet | undefined)[] = [];
  const log: string[] = [];
  const nameOf = (greenlet: Greenlet | null): string => names.get(greenlet)!;

  function below(n: number): number {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % n;
  }

  const pick = (): Greenlet => alive[below(GREENLETS + 1)] ?? main;

  function make(at: number): void {
    made++;
    const parent = pick();
    const empty = below(8) === 0;
    const g = new Greenlet(empty ? null : body, parent);
    names.set(g, `g${made}`);
    alive[at] = g;
    log.push(`${nameOf(g)} made below ${nameOf(parent)}${empty ? ', empty' : ''}`);
  }

  function show(value: unknown): string {
    if (value instanceof GreenletExit) return 'exit';
    if (Array.isArray(value)) return `(${value.map(show).join(',')})`;
    return value === undefined ? '()' : String(value);
  }

  function kind(error: unknown): string {
    if (error instanceof GreenletExit) return 'exit';
    if (error instanceof Planned) return `planned ${error.message}`;
    const { message } = error as GreenletError;
    if (message === 'cyclic parent chain') return 'cyclic';
    if (message === 'cannot set the parent of a main greenlet') return 'main';
    if (message === 'run cannot be set after the start of the greenlet') return 'started';
    return / has no run: /.test(message) ? 'no run' : String(error);
  }

  /** Main switches by run(), a greenlet by yield*. */
  function* perform(me: Greenlet, op: ReturnType<Greenlet['switch']>): Coroutine<unknown> {
    return me === main ? run(op) : yield* op;
  }

  function* act(me: Greenlet): Coroutine<boolean> {
    step++;
    const choice = below(12);
    if (choice < 5) {
      const target = pick();
      const values = Array.from({ length: below(4) }, (_, i) => step + i);
      log.push(`${nameOf(me)} -> ${nameOf(target)}`);
      log.push(`${nameOf(me)} got ${show(yield* perform(me, target.switch(...values)))}`);
    } else if (choice < 7) {
      const target = pick();
      const error = [undefined, new Planned(String(step)), new GreenletExit()][below(3)];
      log.push(`${nameOf(me)} throws into ${nameOf(target)}`);
      log.push(`${nameOf(me)} got ${show(yield* perform(me, target.throw(error)))}`);
    } else if (choice === 7) {
      make(below(GREENLETS));
    } else if (choice === 8) {
      const [child, parent] = [pick(), pick()];
      log.push(`${nameOf(child)} is to be below ${nameOf(parent)}`);
      child.parent = parent;
    } else if (choice === 9) {
      const g = pick();
      log.push(`${nameOf(g)} dead ${Number(g.dead)} active ${Number(g.active)} below ${nameOf(g.parent)}`);
    } else if (choice === 10) {
      const g = pick();
      log.push(`${nameOf(g)} is given a body`);
      g.run = body;
    } else if (me !== main) {
      if (below(2) === 1) throw new Planned(String(step));
      return true;
    }
    return false;
  }

  function* body(...values: unknown[]): Coroutine<string> {
    const me = getcurrent();
    log.push(`${nameOf(me)} begins with ${values[0] instanceof GreenletExit ? '()' : show(values)}`);
    for (let rounds = 1 + below(8); rounds > 0; rounds--) {
      try {
        if (yield* nest(act(me))) return `returned at ${step}`;
      } catch (error) {
        log.push(`${nameOf(me)} caught ${kind(error)}`);
        if (below(3) === 0) throw error;
      }
    }
    return `ended at ${step}`;
  }

  for (let at = 0; at < GREENLETS; at++) make(at);
  settrace((event, origin, target) => void log.push(`${event} ${nameOf(origin)} -> ${nameOf(target)}`));
  for (let i = 0; i < STEPS; i++) {
    try {
      act(main).next();
    } catch (error) {
      log.push(`main caught ${kind(error)}`);
    }
  }
  settrace(null);
  return log;
}

function logs(first: number, end: number, nest: Parameters<typeof program>[1]): string {
  let text = '';
  for (let seed = first; seed < end; seed++) text += [`seed ${seed}`, ...program(seed, nest), ''].join('\n');
  return text;
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

if (process.env['PRINT'] !== undefined) {
  const [first, end] = process.env['PRINT'].split(',').map(Number) as [number, number];
  process.stdout.write(logs(first, end, (body) => body));
} else {
  const test = suite('random programs, as in Python');
  recorded.forEach((expected, at) => {
    const [first, end] = [at * SEEDS, (at + 1) * SEEDS];
    test(`seeds ${first} to ${end - 1}, by yield* and by call`, () => {
      assert.is(digest(logs(first, end, (body) => body)), expected);
      assert.is(digest(logs(first, end, call)), expected);
    });
  });
  test.run();
}
