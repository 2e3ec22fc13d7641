import type { Coroutine, Greenlet } from '@switchyard/greenlet';
import { flat } from '../mark.ts';
import { CPU_AND_WALL, OURS, type Case, type NodeContender, type Row } from '../row.ts';

// One operation is a round trip between a shallow partner and the innermost of `depth` nested bodies, for every contender alike.

const ours: NodeContender = {
  id: OURS,
  label: 'ours, through call()',
  async load(depth) {
    const { Greenlet, call, run } = await import('@switchyard/greenlet');
    return (n) => {
      const shallow: Greenlet = new Greenlet(function* () {
        for (;;) yield* deep.switch();
      });
      function* level(left: number): Coroutine<void> {
        if (left > 1) yield* call(level(left - 1));
        else for (let i = 0; i < n; i++) yield* shallow.switch();
      }
      const deep: Greenlet = new Greenlet(() => level(depth));
      run(deep.switch());
    };
  },
};

const plain: NodeContender = {
  id: 'plain',
  label: 'ours, plain yield*',
  async load(depth) {
    const { Greenlet, run } = await import('@switchyard/greenlet');
    return (n) => {
      const shallow: Greenlet = new Greenlet(function* () {
        for (;;) yield* deep.switch();
      });
      function* level(left: number): Coroutine<void> {
        if (left > 1) yield* level(left - 1);
        else for (let i = 0; i < n; i++) yield* shallow.switch();
      }
      const deep: Greenlet = new Greenlet(() => level(depth));
      run(deep.switch());
    };
  },
};

const native: NodeContender = {
  id: 'native',
  label: 'native yield*, next() by hand',
  async load(depth) {
    function* level(left: number): Generator<unknown, never, unknown> {
      if (left > 1) return yield* level(left - 1);
      for (let value: unknown; ;) value = yield value;
    }
    return (n) => {
      const deep = level(depth);
      const shallow = level(1);
      deep.next();
      shallow.next();
      let value: unknown = 0;
      for (let i = 0; i < n; i++) {
        value = deep.next(value).value;
        value = shallow.next(value).value;
      }
    };
  },
};

const asyncFunctions: NodeContender = {
  id: 'async',
  label: 'async functions, await null',
  async load(depth) {
    return async (n) => {
      async function level(left: number): Promise<void> {
        if (left > 1) await level(left - 1);
        else for (let i = 0; i < n; i++) await null;
      }
      await Promise.all([level(depth), level(1)]);
    };
  },
};

const cases: readonly Case[] = [
  { id: '1', label: 'depth 1', value: 1, n: 1_000_000 },
  { id: '10', label: 'depth 10', value: 10, n: 500_000 },
  { id: '100', label: 'depth 100', value: 100, n: 200_000 },
  { id: '1000', label: 'depth 1,000', value: 1_000, n: 50_000 },
];

export const row: Row = {
  id: 'deep-resume',
  title: 'resume below nested yield*',
  per: 'round trip',
  method: 'time',
  n: 200_000,
  cases,
  metrics: CPU_AND_WALL,
  contenders: [ours, plain, native, asyncFunctions],
  marks: [flat(2, '100', '1', 'flat: depth 100 at most 2x depth 1')],
};
