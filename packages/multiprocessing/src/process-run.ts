/** What a child process runs. */
import { type Coroutine, until } from '@switchyard/hub';
import { follow } from '@switchyard/hub/core';
import { CloneError, currentTask, task, type TaskContext } from '@switchyard/remote';
import { encodeError, readyToEnd, setThreadTask } from '@switchyard/remote/core';
import { heard } from './connect.ts';
import { become } from './embodied.ts';
import type { Process } from './process.ts';
import { ALL, alive, type News } from './process-state.ts';

type Run = (...args: never[]) => unknown;

export const TARGET_NAMES = ['target', 'args'];
export const INSTANCE_NAMES = ['class', 'this', 'target', 'args'];

export const runTarget = task(import.meta, 'runTarget', (target: Run | null, args: never[]) =>
  lived(() => target?.(...args)),
);

export const runInstance = task(
  import.meta,
  'runInstance',
  (constructor: { prototype: Process }, fields: object, target: Run | null, args: never[]) => {
    const instance = become(constructor.prototype, fields, { target, args });
    return lived(() => instance.run());
  },
);

/** Does what it is there for, tells what came of it, waits for its children and threads, and ends this process. */
function* lived(body: () => unknown): Coroutine<never> {
  const link = currentTask();
  const tell = (news: News): void => link.emit(news);
  // What the task itself emits has nobody to go to.
  setThreadTask(Object.create(link, { emit: { value() {} } }) as TaskContext);
  let end: News;
  try {
    end = ['value', yield* follow<unknown>(body)];
  } catch (error) {
    end = ['error', encodeError(error)];
  }
  try {
    tell(end);
  } catch (error) {
    end = ['error', encodeError(resultError(error))];
    tell(end);
  }
  // Only now: that it has been told is certain then, whatever ends this process.
  tell(ALL);
  for (let child = lasting(); child !== undefined; child = lasting()) yield* child.join();
  yield* until(readyToEnd());
  // What it has set, released and put is so for whoever waits for its end.
  yield* until(heard());
  yield* until(printed());
  process.exit(end[0] === 'value' ? 0 : 1);
}

/** What it returned is only a part of what is told. */
function resultError(error: unknown): unknown {
  if (!(error instanceof CloneError)) return error;
  return new CloneError(error.message.replace(/^event\[1\]/, 'result'), 'ERR_RESULT_CLONE', {
    cause: error.cause,
  });
}

function lasting(): Process | undefined {
  return [...alive].find((child) => !child.daemon);
}

/** Everything that was printed is out. */
function printed(): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write('', () => process.stderr.write('', () => resolve()));
  });
}
