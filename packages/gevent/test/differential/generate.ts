/**
 * Random scenarios, as fast-check makes and shrinks them. What is left out, with the reason, is said where it would be.
 */
import * as fc from 'fast-check';
import type { Scenario, Step, StepOptions } from './scenario.ts';

/** Those that steps spawn. */
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
/** Those that `apply` runs: the same one may be run by several, so that they must not apply anything themselves. */
const APPLIED = ['x', 'y'];
/** Those that `applyAsync` starts. */
const APPLIED_LATER = ['u', 'v'];
/** Those that use `map` and `imap`. */
const MAPPERS = ['m', 'n'];
/** More of them than a scenario has, and not all of them are ever started. */
const EVENT = 'event';
const RESULT = 'result';
/** Takes over the outcomes of greenlets, and may do so several times. */
const OUTCOME = 'outcome';
const SEMAPHORES = ['semaphore', 'bounded'];
const QUEUES = ['queue', 'queue', 'joinable', 'joinable', 'lifo', 'priority'];
/** Members are spawned, added and killed here; another pool is for `apply`. */
const MEMBERS = ['group', 'pool'];
const WORKERS = 'workers';

/** How many milliseconds most waits take: few, so that much is due at about the same time. */
const ms = fc.nat({ max: 8 });
/** For what takes other turns in Python than here, or starts its timers in another order: nothing else is due just then. */
const odd = fc.noShrink(fc.noBias(fc.nat({ max: 2 ** 22 - 1 }))).map((n) => 1 + (2 * n + 1) / 2 ** 20);
const item = fc.nat({ max: 99 });
const label = fc.nat({ max: 3 }).map((n) => `l${n}`);

/**
 * One scenario, whose greenlets do whatever there is to do.
 *
 * @param waitsForEver whether `main` waits without an end, until nothing is left that could wake it; otherwise it goes on
 *   after a while
 */
export function scenarios({ waitsForEver = false } = {}): fc.Arbitrary<Scenario> {
  const size = fc.option(fc.integer({ min: 1, max: 2 }), { nil: null, freq: 5 });
  const number = fc.integer({ min: 1, max: 2 });
  return fc
    .record({
      semaphore: fc.nat({ max: 2 }),
      bounded: number,
      queue: size,
      joinable: size,
      pool: number,
      workers: number,
      maps: fc.integer({ min: 1, max: 3 }),
      first: fc.subarray(NAMES, { minLength: 2 }),
      main: steps('main', { depth: 1, catches: false, applies: true }, 6),
      bodies: fc.record(
        Object.fromEntries([
          ...NAMES.map((name) => [name, steps(name, { depth: 2, catches: true, applies: true }, 6)]),
          ...MAPPERS.map((name) => [name, mapping(`${name} maps`)]),
          ...APPLIED_LATER.map((name) => [name, steps(name, { depth: 1, catches: true, applies: false }, 3)]),
          ...APPLIED.map((name) => [
            name,
            steps(name, { depth: 1, catches: false, applies: false }, 3).map((body): Step[] => [
              ['timeout', 9, body],
            ]),
          ]),
        ]) as Record<string, fc.Arbitrary<Step[]>>,
      ),
    })
    .map(({ semaphore, bounded, queue, joinable, pool, workers, maps, first, main, bodies }) => ({
      objects: {
        event: ['event'],
        never: ['event'],
        result: ['result'],
        outcome: ['result'],
        semaphore: ['semaphore', semaphore],
        bounded: ['bounded', bounded],
        queue: ['queue', queue],
        rlock: ['rlock'],
        joinable: ['joinable', joinable],
        lifo: ['lifo', queue],
        priority: ['priority', queue],
        group: ['group'],
        pool: ['pool', pool],
        workers: ['pool', workers],
        'm maps': ['pool', maps],
        'n maps': ['group'],
      },
      greenlets: {
        // Whatever main waits for, it goes on after a while, and ends all others.
        main: [
          ['spawn', ...first, ...MAPPERS],
          ['try', waitsForEver ? main : [['timeout', 25, main]], []],
          ...(waitsForEver ? FOREVER : []),
          ['sleep', 10],
          ['joinall', MAPPERS],
        ],
        ...bodies,
      },
      ends: true,
    }));
}

const FOREVER: Step[] = [['try', [['await', 'never']], []]];

interface Kind {
  /** How deep blocks may be nested. */
  depth: number;
  /** Whether errors may be caught, timeouts and kills among them. */
  catches: boolean;
  /** Whether it may run others by `apply`. */
  applies: boolean;
}

function steps(own: string, kind: Kind, most: number): fc.Arbitrary<Step[]> {
  return fc.array(step(own, kind), { minLength: 1, maxLength: most });
}

function step(own: string, kind: Kind): fc.Arbitrary<Step> {
  // Who waits for its own end is an error here, and waits for ever in Python.
  const others = NAMES.filter((name) => name !== own);
  const other = fc.constantFrom(...others);
  const some = fc.subarray(others, { minLength: 1 });
  const anybody = fc.constantFrom(...NAMES);
  const semaphore = fc.constantFrom(...SEMAPHORES, 'rlock');
  const queue = fc.constantFrom(...QUEUES);
  const members = fc.constantFrom(...MEMBERS);
  const objects = fc.subarray([...others, EVENT, RESULT, ...SEMAPHORES], { minLength: 1, maxLength: 4 });
  const timed = options({ timeout: ms });
  const waits = fc.oneof(
    { weight: 4, arbitrary: timed },
    { weight: 1, arbitrary: fc.constant<StepOptions>({ block: false }) },
  );
  const count = fc.integer({ min: 1, max: 3 });
  const kinds = fc.constantFrom('link', 'linkValue', 'linkException', 'rawlink' as const);

  const plain: fc.WeightedArbitrary<Step>[] = [
    { weight: 6, arbitrary: tuple('sleep', ms) },
    { weight: 2, arbitrary: fc.constant<Step>(['fail']) },
    { weight: 1, arbitrary: tuple('return', item) },
    { weight: 3, arbitrary: tuple('spawn', anybody) },
    { weight: 2, arbitrary: tuple('spawnLater', ms, anybody) },
    { weight: 3, arbitrary: tuple('join', other, timed) },
    { weight: 3, arbitrary: tuple('get', other, waits) },
    { weight: 1, arbitrary: tuple('state', anybody) },
    {
      weight: 4,
      arbitrary: tuple('kill', anybody, options({ timeout: odd, boom: fc.boolean(), block: fc.boolean() })),
    },
    { weight: 2, arbitrary: tuple('killall', some, options({ timeout: odd, block: fc.boolean() })) },
    {
      weight: 2,
      arbitrary: tuple('joinall', some, options({ timeout: ms, count, raiseError: fc.boolean() })),
    },
    { weight: 2, arbitrary: tuple('wait', objects, options({ timeout: ms, count })) },
    { weight: 1, arbitrary: tuple('iwait', objects, options({ timeout: odd, count })) },
    { weight: 2, arbitrary: tuple('link', anybody, kinds, label) },
    { weight: 1, arbitrary: tuple('unlink', label) },
    { weight: 1, arbitrary: tuple('linkResult', anybody, fc.constant(OUTCOME)) },
    // A later one would hit main while it ends the others.
    { weight: own === 'main' ? 0 : 1, arbitrary: tuple('startTimeout', label, ms) },
    { weight: 1, arbitrary: tuple('cancelTimeout', label) },
    { weight: 3, arbitrary: tuple('set', fc.constant(EVENT)) },
    { weight: 3, arbitrary: tuple('clear', fc.constant(EVENT)) },
    // All who wait get it, and it is over for who comes later.
    {
      weight: 3,
      arbitrary: fc.constant<Step>([
        'try',
        [
          ['set', EVENT],
          ['clear', EVENT],
        ],
        [],
      ]),
    },
    { weight: 6, arbitrary: tuple('await', fc.constantFrom(EVENT, EVENT, RESULT), timed) },
    { weight: 1, arbitrary: tuple('set', fc.constant(RESULT), item) },
    { weight: 1, arbitrary: tuple('setException', fc.constant(RESULT)) },
    { weight: 2, arbitrary: tuple('result', fc.constantFrom(RESULT, OUTCOME), waits) },
    { weight: 1, arbitrary: tuple('rawlink', fc.constantFrom(EVENT, RESULT), label) },
    {
      weight: 4,
      arbitrary: tuple(
        'acquire',
        semaphore,
        fc.oneof(
          { weight: 4, arbitrary: timed },
          { weight: 1, arbitrary: fc.constant<StepOptions>({ blocking: false }) },
        ),
      ),
    },
    { weight: 4, arbitrary: tuple('release', semaphore) },
    { weight: 6, arbitrary: tuple('put', queue, item, waits) },
    { weight: 6, arbitrary: tuple('take', queue, waits) },
    { weight: 1, arbitrary: tuple('peek', queue, waits) },
    { weight: 1, arbitrary: tuple('size', queue) },
    { weight: 2, arbitrary: tuple('done', fc.constant('joinable')) },
    { weight: 1, arbitrary: tuple('joinQueue', fc.constant('joinable'), timed) },
    { weight: 6, arbitrary: tuple('poolSpawn', fc.constantFrom(...MEMBERS, 'pool'), anybody) },
    // In Python one who is added to a pool twice takes two places, of which it gives back one.
    { weight: 1, arbitrary: tuple('poolAdd', fc.constant('group'), anybody) },
    { weight: 1, arbitrary: tuple('poolDiscard', members, anybody) },
    { weight: 1, arbitrary: tuple('poolState', members) },
    { weight: 2, arbitrary: tuple('poolJoin', members, timed) },
    { weight: 1, arbitrary: tuple('poolKill', members, options({ block: fc.boolean() })) },
    { weight: 1, arbitrary: tuple('killone', members, anybody) },
  ];
  if (kind.applies) {
    plain.push(
      { weight: 1, arbitrary: tuple('apply', fc.constant(WORKERS), fc.constantFrom(...APPLIED)) },
      { weight: 1, arbitrary: tuple('applyAsync', fc.constant(WORKERS), fc.constantFrom(...APPLIED_LATER)) },
    );
  }
  if (kind.depth === 0) return fc.oneof(...plain);
  const deeper = { ...kind, depth: kind.depth - 1 };
  const inner = steps(own, deeper, 3);
  // Takes a lock and gives it back whatever happens.
  const critical = fc
    .tuple(fc.constantFrom(...SEMAPHORES, 'rlock', 'rlock'), ms, inner)
    .map(([lock, pause, body]): Step => [
      'try',
      [
        ['acquire', lock, {}],
        ['try', [['sleep', pause], ...body], [['again']], [['release', lock]]],
      ],
      [['again']],
    ]);
  const blocks: fc.WeightedArbitrary<Step>[] = [
    { weight: 8, arbitrary: tuple('timeout', ms, inner) },
    { weight: 8, arbitrary: critical },
  ];
  if (kind.catches) {
    const caught = fc
      .tuple(inner, fc.boolean())
      .map(([body, again]): Step[] => (again ? [...body, ['again']] : body));
    const final = fc.array(step(own, { ...deeper, depth: 0 }), { maxLength: 2 });
    blocks.push({ weight: 14, arbitrary: tuple('try', inner, caught, final) });
  }
  // A body that swallows its interrupt is stopped at its end here, and not in Python: it does without what catches it.
  const uncaught = fc.oneof(
    tuple('sleep', ms),
    tuple('fail'),
    tuple('take', queue, fc.constant({})),
    tuple('put', queue, item, fc.constant({})),
    tuple('await', fc.constantFrom(EVENT, RESULT), fc.constant({})),
    tuple('result', fc.constant(RESULT), fc.constant({})),
    tuple('acquire', semaphore, fc.constant({})),
    tuple('join', other, fc.constant({})),
    tuple('get', other, fc.constant({})),
    tuple('wait', objects, fc.constant({})),
  );
  const within = fc.array(uncaught, { minLength: 1, maxLength: 3 });
  blocks.push({ weight: 2, arbitrary: tuple('withTimeout', ms, item, within) });
  return fc.oneof(...plain, ...blocks);
}

/**
 * What nothing interrupts, in a pool that nobody else uses: in Python a map is driven by a greenlet of its own, which goes
 * on when the caller is killed, and takes some turns more than ours to start and to end.
 */
function mapping(pool: string): fc.Arbitrary<Step[]> {
  const delay = fc.tuple(odd, fc.nat({ max: 4 }));
  // One in five fails.
  const one = delay.map(([n, fate]) => (fate === 4 ? -n : n));
  const items = fc.array(one, { minLength: 1, maxLength: 5 });
  const limits = options({ maxsize: fc.integer({ min: 1, max: 3 }), pause: fc.integer({ min: 1, max: 4 }) });
  const verb = fc.constantFrom('imap', 'imapUnordered');
  const pools = fc.constant(pool);
  return fc.array(
    fc.oneof(tuple('map', pools, items), tuple('imap', pools, verb, items, limits), tuple('sleep', odd)),
    { maxLength: 3 },
  );
}

function options(fields: {
  [Name in keyof StepOptions]?: fc.Arbitrary<NonNullable<StepOptions[Name]>>;
}): fc.Arbitrary<StepOptions> {
  return fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<StepOptions>;
}

function tuple(verb: Step[0], ...rest: fc.Arbitrary<unknown>[]): fc.Arbitrary<Step> {
  return fc.tuple(fc.constant(verb), ...rest) as unknown as fc.Arbitrary<Step>;
}
