/**
 * The process of one run: one workload under one engine, measured from its first item to its last. Started by a comparison of tasks,
 * which sends it its order; not to be imported.
 */
import { createHash } from 'node:crypto';
import { spawn } from '@switchyard/gevent';
import { TaskError } from '@switchyard/remote';
import { lookup } from '@switchyard/remote/core';
import { now } from '../../page/trace.ts';
import { type CellFindings, percentiles } from '../cell.ts';
import { Meter } from '../meter.ts';
import { sayBegan, serveRun } from '../serve-run.ts';
import { Spans } from '../spans.ts';
import { crewFor } from './crew.ts';
import { becomeRun, type TaskOrder } from './order.ts';
import type { Done } from './perform.ts';
import type { AnyTask } from './workload.ts';

/** Rounds of items that do not count, and how long they may take altogether, in milliseconds. */
const WARM_ROUNDS = 3;
const WARM_TIME = 100;

async function targetOf({ task: { url, name } }: TaskOrder): Promise<AnyTask> {
  becomeRun(url);
  await import(url);
  const found = lookup(url, name);
  if (found === undefined)
    throw new TaskError(
      `${url} was imported to find the task '${name}', and does not define it: a task has to be made at the top level of its module, not inside of a function or behind isMain()`,
    );
  return found as AnyTask;
}

async function measure(order: TaskOrder): Promise<CellFindings> {
  const { setting, items } = order;
  const crew = await crewFor(setting, await targetOf(order), items);
  const results: unknown[] = Array.from({ length: items.length });
  const spans = new Spans();
  const [starts, ends]: [number[], number[]] = [[], []];
  const [latencies, fromDue]: [number[], number[]] = [[], []];
  let active = 0;
  let began = 0;

  function onDone(index: number, { value, start, arrived, done, worker }: Done): void {
    const at = now();
    results[index] = value;
    starts.push(start - began);
    ends.push(done - began);
    latencies.push(done - start);
    fromDue.push(at - began);
    active += done - arrived;
    spans.add(worker, { start: start - began, arrived: arrived - began, done: Math.min(at, done) - began });
  }

  const run = function* () {
    yield* crew.gather(order.gate, items);
    const readyAt = now();
    const round = items.slice(0, setting.inFlight);
    for (let at = 1; at < WARM_ROUNDS && now() - readyAt < WARM_TIME; at++) yield* crew.warm(round);
    const meter = new Meter(crew.inProcesses, () => ({
      at: now() - began,
      inFlight: 0,
      pages: ends.length,
    }));
    sayBegan();
    meter.begin();
    began = now();
    yield* crew.all(items, onDone);
    const wall = now() - began;
    const taken = meter.end();
    yield* crew.close();
    return { readyAt, wall, taken };
  };
  const { readyAt, wall, taken } = await spawn(run);
  const { digest, trouble } = digestOf(results);
  return {
    run: {
      wall,
      startup: readyAt - order.spawned,
      // What is known of the items is the least it was.
      cpu: taken.cpu ?? { user: active, system: 0 },
      pages: items.length,
      requests: items.length,
      latency: percentiles(latencies),
      fromDue: percentiles(fromDue),
      loopLag: taken.loopLag,
      memory: taken.memory,
      switches: taken.switches,
      digest,
    },
    began,
    workers: spans.workers(),
    samples: withInFlight(taken.samples, starts, ends),
    trouble,
  };
}

/** Nobody knows before an item is done when it began: how many were under way is counted afterwards. */
function withInFlight(
  samples: CellFindings['samples'],
  starts: readonly number[],
  ends: readonly number[],
): CellFindings['samples'] {
  const upTo = (times: Float64Array, at: number): number => {
    let [low, high] = [0, times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const [begun, ended] = [Float64Array.from(starts).sort(), Float64Array.from(ends).sort()];
  return samples.map((sample) => ({ ...sample, inFlight: upTo(begun, sample.at) - upTo(ended, sample.at) }));
}

/** Of all results as JSON, in the order of the items. */
function digestOf(results: readonly unknown[]): Pick<CellFindings, 'trouble'> & { readonly digest: string } {
  const hash = createHash('sha256');
  try {
    const plain = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? `${value}n` : value);
    for (const result of results) hash.update(`${JSON.stringify(result, plain)}\n`);
    return { digest: hash.digest('hex'), trouble: undefined };
  } catch (error) {
    const what = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { digest: '', trouble: `no JSON can be made of it, so that results are not compared (${what})` };
  }
}

// A stack of this process says nothing to who wrote the task; the error that it threw does.
serveRun(measure, (error) => (error instanceof Error ? messageOf(error) : String(error)));

function messageOf(error: Error): string {
  return error.name === 'Error' ? error.message : `${error.name}: ${error.message}`;
}
