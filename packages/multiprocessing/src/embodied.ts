import type { Process } from './process.ts';
import type { ProcessSpec } from './process-options.ts';
import { currentRole, type ProcessRole } from './process-role.ts';
import { ProcessState } from './process-state.ts';

/** The state of a process: apart from the fields that a subclass gives it. @internal */
export const inner: unique symbol = Symbol('process');
/** What it is to run. @internal */
export const spec: unique symbol = Symbol('spec');

/** @internal */
export function hide(target: object, key: symbol, value: unknown): void {
  Object.defineProperty(target, key, { value });
}

type Whom = Pick<ProcessRole, 'name' | 'daemon' | 'identity' | 'authkey'>;
type What = Pick<ProcessSpec, 'target' | 'args'>;

/** A process that was not started here: the one that runs this, or its parent. @internal */
export function embody<C extends Process>(
  prototype: C,
  pid: number,
  { name, daemon, identity, authkey }: Whom,
  what: What = { target: null, args: [] },
): C {
  const process = Object.create(prototype) as C;
  const state = new ProcessState(process, name, daemon, identity, authkey);
  state.embody(pid);
  hide(process, inner, state);
  hide(process, spec, { ...what, name, daemon } satisfies ProcessSpec);
  return process;
}

let itself: Process | null = null;

/** The object that stands for the process that runs this, once it has been made. @internal */
export function current(): Process | null {
  return itself;
}

/** Makes it. @internal */
export function become<C extends Process>(prototype: C, fields: object, what?: What): C {
  const instance = embody(prototype, process.pid, currentRole(), what);
  itself = instance;
  return Object.assign(instance, fields);
}
