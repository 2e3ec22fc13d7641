export { currentTask, type TaskContext } from './current-task.ts';
export { BootstrapError, CloneError, RuntimeError, TaskError, TimeoutError } from './errors.ts';
export { isMain } from './is-main.ts';
export { register } from './register.ts';
export type { Home, Reference } from './registry.ts';
export { type Revivable, revive, share, Shareable } from './shareable.ts';
export { inline, task } from './task.ts';
export { transfer, type Transferable } from './transfer.ts';
