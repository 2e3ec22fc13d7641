import { register, revive, share, Shareable } from '@switchyard/remote';
import { onRoleChange } from './thread-role.ts';

/** What makes the first content of a `local`. */
type Initial<T> = () => T;

/** The locals of this thread by their id, to be found again when one comes in a message. */
const known = new Map<number, WeakRef<LocalBase>>();
const all = new Set<WeakRef<LocalBase>>();
let ids = Math.trunc(Math.random() * 2 ** 40);

const idKey: unique symbol = Symbol('id');
const start: unique symbol = Symbol('start');

class LocalBase extends Shareable {
  constructor(initial?: Initial<object>, id: number = ++ids) {
    super();
    // Its fields are the user's alone.
    Object.defineProperty(this, 'unclonable', { enumerable: false });
    Object.defineProperty(this, idKey, { value: id });
    Object.defineProperty(this, start, { value: initial });
    const ref = new WeakRef<LocalBase>(this);
    known.set(id, ref);
    all.add(ref);
    fill(this);
  }

  declare readonly [idKey]: number;
  declare readonly [start]: Initial<object> | undefined;

  override [share](): unknown {
    return this[idKey];
  }

  static [revive](id: number): LocalBase {
    return known.get(id)?.deref() ?? new LocalBase(undefined, id);
  }
}

function fill(local: LocalBase): void {
  const initial = local[start];
  if (initial !== undefined) Object.assign(local, initial());
}

// A worker that runs as another thread must not show it what the one before has left.
onRoleChange(() => {
  for (const ref of all) {
    const local = ref.deref();
    if (local === undefined) {
      all.delete(ref);
      continue;
    }
    for (const key of Object.keys(local)) delete (local as unknown as Record<string, unknown>)[key];
    fill(local);
  }
});

/**
 * An object with fields of its own in each thread: what one thread sets, another does not see. In a thread that has set
 * nothing yet it has what `initial` makes there, or nothing.
 *
 * ```ts
 * const context = new local<{ user?: string }>();
 * context.user = 'ada';
 * ```
 *
 * It may be sent to another thread, where it is that thread's own. Greenlets of one thread share it.
 *
 * Python: `threading.local`.
 */
export const local: new <T extends object = Record<string, unknown>>(initial?: Initial<T>) => T & LocalBase =
  LocalBase as never;

register(import.meta, LocalBase);
