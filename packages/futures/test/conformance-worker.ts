/** The tasks of the contract of futures, as threads can find them. */
import { type TaskName, tasks } from '@switchyard/conformance';
import { task } from '@switchyard/remote';

/** Each of them by its name. */
export const threadTasks = Object.fromEntries(
  Object.entries(tasks).map(([name, fn]) => [
    name,
    task(import.meta, name, fn as (...args: never[]) => unknown),
  ]),
) as Record<TaskName, (...args: never[]) => unknown>;
