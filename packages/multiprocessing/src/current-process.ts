import { become, current, embody } from './embodied.ts';
import { Process } from './process.ts';
import { currentRole } from './process-role.ts';
import { alive } from './process-state.ts';

let parent: Process | null = null;

/** The process that runs this. Python: `multiprocessing.current_process`. */
export function currentProcess(): Process {
  return current() ?? become(Process.prototype as Process, {});
}

/** The process that has started this one; null in the main process. Python: `multiprocessing.parent_process`. */
export function parentProcess(): Process | null {
  const { parent: known, identity, authkey } = currentRole();
  if (known === null) return null;
  return (parent ??= embody(Process.prototype as Process, known.pid, {
    name: known.name,
    daemon: known.daemon,
    identity: identity.slice(0, -1),
    authkey,
  }));
}

/** The processes that this one has started and that have not ended. Python: `multiprocessing.active_children`. */
export function activeChildren(): Process[] {
  return [...alive];
}
