import { register, revive } from '@switchyard/remote';
import { allocate, type Area } from './arena.ts';
import { type ItemOf, type ItemType, refusal, type TypeCode, typeFor } from './type-code.ts';
import { Cells, type CellsState, checkLock, type LockOption, Synchronized } from './value-lock.ts';

/** The value of a Value, for messages. */
const WHAT = 'the value of a Value';

/**
 * One number (or boolean, or byte) in memory that processes share. It may be sent to other processes and threads in
 * arguments, queues and pipes: what one of them writes the others read.
 *
 * ```ts
 * const counter = new Value('i', 0);
 * // in any process
 * using held = yield* counter.hold();
 * counter.value += 1;
 * ```
 *
 * It has to arrive while the process that made it, or the one that sent it, is still there.
 *
 * Python: `multiprocessing.Value`.
 */
export class Value<T extends TypeCode = TypeCode> extends Synchronized {
  private readonly area: Area;
  private readonly type: ItemType;

  /**
   * @param typecode `'i'` for 4 bytes signed, `'d'` for any number, and so on; or a ctypes name: see `ItemTypes`
   * @param value what it is at first; by default 0, false or the character U+0000
   * @throws TypeError when the type is unknown, the value is not of it, or the lock is none; RangeError when the value is
   *   outside of it; RuntimeError when there is no room for shared memory
   */
  constructor(typecode: T, value?: ItemOf<T>, options?: LockOption);
  constructor(typecode: T | Cells, value?: ItemOf<T>, options?: LockOption) {
    super(typecode instanceof Cells ? typecode : newCells(typecode, value, options));
    const { area, type } = this.cells;
    this.area = area;
    this.type = type;
  }

  /**
   * What it is now. To read or write it is one system call, of about a microsecond, and does not wait for the lock.
   *
   * @throws TypeError when what is written is not of the type; RangeError when it is outside of it
   */
  get value(): ItemOf<T> {
    const { area } = this;
    return this.type.read(area.fd, area.start) as ItemOf<T>;
  }

  set value(value: ItemOf<T>) {
    const { area, type } = this;
    if (!type.accepts(value)) throw refusal(type, value, WHAT);
    type.write(area.fd, area.start, value);
  }

  /** The same memory as a Value that has no lock. Python: `get_obj`. */
  getObj(): Value<T> {
    return new Value<T>(this.cells.bare() as never);
  }

  /** @internal */
  static [revive](state: CellsState): Value {
    return new Value(Cells.from(state) as never);
  }
}

function newCells<T extends TypeCode>(
  typecode: T,
  value: ItemOf<T> | undefined,
  options: LockOption | undefined,
): Cells {
  const type = typeFor(typecode, 'a Value');
  if (value !== undefined && !type.accepts(value)) throw refusal(type, value, WHAT);
  const lock = checkLock(options, 'Value');
  const area = allocate(type.size);
  if (value !== undefined) type.write(area.fd, area.start, value);
  return new Cells(type, area, lock);
}

register(import.meta, Value);
