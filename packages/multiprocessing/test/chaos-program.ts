/**
 * `node chaos-program.ts <kills> <seed> [width]`: kills processes at random, and starts others in their place, until so many were killed.
 * Prints the pid of each, and at the end what it has seen. Whatever is wrong ends it with an error.
 */
import { type Coroutine, sleep, withTimeout } from '@switchyard/hub';
import { inStrand, Strand } from '@switchyard/hub/core';
import { isMain } from '@switchyard/remote';
import { Condition } from '../src/condition.ts';
import { Event } from '../src/event.ts';
import { Lock } from '../src/lock.ts';
import { type Connection, Pipe } from '../src/pipe.ts';
import { Process } from '../src/process.ts';
import { Queue } from '../src/queue.ts';
import { Semaphore } from '../src/semaphore.ts';
import { chaos, enter, type Result, seeded, type Shared } from './chaos-tasks.ts';
import { ProcessTally } from './process-tally.ts';

/** How many live at a time. */
const width = Number(process.argv[4] ?? 5);
/** What takes longer than this has hung, in milliseconds. */
const PATIENCE = 20_000;
/** How many items of work are out at a time. */
const AHEAD = 4;

interface Worker {
  readonly number: number;
  readonly member: number;
  readonly process: Process;
  readonly begun: Event;
  count: number;
}

function* run(kills: number, seed: number): Coroutine {
  const random = seeded(seed);
  const shared: Shared = {
    lock: new Lock(),
    inside: new ProcessTally(1),
    work: new Queue(AHEAD),
    results: new Queue(),
    done: new Event(),
    condition: new Condition(),
    semaphore: new Semaphore(2),
  };
  const workers = new Map<number, Worker>();
  const seen = new Set<number>();
  let [last, put, killed, entered, rounds] = [0, 0, 0, 0, 0];
  let ends = 0;

  function* echo(end: Connection): Coroutine {
    try {
      for (;;) yield* end.send(yield* end.recv());
    } catch (error) {
      if (!['EOFError', 'BrokenPipeError'].includes((error as Error).name)) throw error;
    }
    end.close();
    ends++;
  }

  function start(member: number): void {
    const number = ++last;
    const [here, there] = Pipe();
    const process_ = new Process({
      target: chaos as never,
      args: [number, member, seed + number, shared, there] as never,
    });
    process_.start();
    there.close();
    console.log(`pid ${process_.pid}`);
    workers.set(member, { number, member, process: process_ as Process, begun: new Event(), count: -1 });
    new Strand('echo', () => echo(here), failed);
  }

  // Sees all results: in order for each worker, none twice.
  function* look(): Coroutine {
    for (;;) {
      const [kind, number, value] = (yield* shared.results.get()) as Result;
      if (number === 0) return;
      const worker = [...workers.values()].find((one) => one.number === number);
      if (kind === 'wrong') throw new Error(`worker ${number}: ${value}`);
      if (kind === 'begun') worker?.begun.set();
      else if (kind === 'count') {
        if (worker === undefined) continue;
        if (value !== worker.count + 1)
          throw new Error(`worker ${number}: ${value} came after ${worker.count}`);
        worker.count = value as number;
        rounds++;
      } else if (seen.has(value as number)) throw new Error(`item ${value} came twice`);
      else seen.add(value as number);
    }
  }

  function* feed(): Coroutine {
    while (!shared.done.isSet()) {
      try {
        yield* shared.work.put(put, { timeout: 20 });
        put++;
      } catch (error) {
        if ((error as Error).name !== 'Full') throw error;
      }
    }
  }

  function* killOne(member: number): Coroutine {
    const worker = workers.get(member) as Worker;
    // Some are killed while they start.
    const early = random() < 0.2;
    if (early) yield* sleep(random() * 300);
    else if (!(yield* worker.begun.wait({ timeout: PATIENCE }))) throw new Error('a worker has not begun');
    yield* sleep(random() * 60);
    worker.process.kill();
    killed++;
    if (!(yield* worker.process.join({ timeout: PATIENCE }))) throw new Error('a worker has not ended');
    start(member);
    const wrong = yield* withTimeout(PATIENCE, () => enter(shared, random));
    if (wrong !== null) throw new Error(`main: ${wrong}`);
    entered++;
  }

  for (let member = 1; member <= width; member++) start(member);
  new Strand('look', look, failed);
  new Strand('feed', feed, failed);
  const killers = Array.from({ length: width }, (_, index) => {
    return function* (): Coroutine {
      while (killed < kills) yield* killOne(index + 1);
    };
  });
  const done = new Semaphore(0);
  for (const killer of killers) {
    new Strand('killer', killer, (error, outcome) => {
      failed(error, outcome);
      done.release();
    });
  }
  for (let n = 0; n < killers.length; n++) yield* done.acquire();
  shared.done.set();
  for (const { process: one } of workers.values()) {
    if (!(yield* one.join({ timeout: PATIENCE }))) throw new Error('a worker has not come to its end');
    if (one.exitcode !== 0) throw new Error(`a worker has ended with ${one.exitcode}`);
  }
  yield* shared.results.put(['begun', 0]);
  while (ends < last) yield* sleep(1);
  const lost = put - seen.size - shared.work.qsize();
  if (lost > killed) throw new Error(`${lost} items were lost, though only ${killed} were killed`);
  console.log(JSON.stringify({ killed, entered, rounds, worked: seen.size, lost }));
}

function failed(error: boolean, outcome: unknown): void {
  if (!error) return;
  console.error(outcome);
  process.exit(1);
}

if (isMain(import.meta)) {
  const [kills, seed] = process.argv.slice(2).map(Number) as [number, number];
  inStrand('chaos', () => run(kills, seed)).then(
    () => console.log('done'),
    (error: unknown) => failed(true, error),
  );
}
