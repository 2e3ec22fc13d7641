/** Whom this thread or process runs as: what the one that gives it tasks has said. @internal */
let role: unknown = undefined;
const listeners: ((role: unknown) => void)[] = [];

/** @internal */
export function setRole(next: unknown): void {
  role = next;
  for (const listener of listeners) listener(next);
}

/** Calls back now, if it is known by now, and whenever it changes. @internal */
export function onRole(listener: (role: unknown) => void): void {
  listeners.push(listener);
  if (role !== undefined) listener(role);
}
