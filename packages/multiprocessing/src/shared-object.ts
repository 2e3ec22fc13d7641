import { randomBytes } from 'node:crypto';
import { share, Shareable } from '@switchyard/remote';
import type { Address } from './address.ts';
import { allocate, type Area, areaOf, type AreaState } from './arena.ts';
import { homeLink, linkTo } from './connect.ts';
import type { Link } from './link.ts';
import { note } from './noted.ts';
import type { Stub } from './stub.ts';
import type { Kind, Plain } from './wire.ts';

/** What goes to another process in place of an object. @internal */
export interface SharedState {
  readonly at: Address;
  readonly id: string;
  readonly board: AreaState | null;
}

type StubClass<S extends Stub> = new (link: Link, handle: number, id: string, board: Area | null) => S;

const ZERO = [0];

/** Numbers the objects that are made here. */
const origin = randomBytes(9).toString('base64');
let last = 0;

/** What the next object that is constructed stands for, when it is no new one. */
let arriving: SharedState | null = null;
/** Where the next new ones are made; null for the broker of this process. */
let place: Link | null = null;

/**
 * An object that lives in a broker, and may be sent to other processes in arguments, results, queues and pipes, where it
 * arrives as the same one. @internal
 */
export abstract class SharedObject<S extends Stub = Stub> extends Shareable {
  /** @internal */
  readonly stub: S;

  /**
   * @param words what is on the board of a new one, before the broker has heard of it
   * @param where where a new one is made; null for where all are
   */
  protected constructor(
    Class: StubClass<S>,
    kind: Kind,
    params: () => Readonly<Record<string, Plain>>,
    words: readonly number[] = ZERO,
    where: (() => Link) | null = null,
  ) {
    super();
    const state = arriving;
    arriving = null;
    this.stub = state === null ? create(Class, kind, params(), words, where) : open(Class, kind, state);
  }

  /** @internal */
  [share](): SharedState {
    note(this.stub);
    const { link, id, board } = this.stub;
    // The broker is to know of it before anybody else does.
    link.flush();
    return { at: link.address, id, board: board?.describe() ?? null };
  }
}

/** Has a constructor make the object that was sent here, instead of a new one. @internal */
export function arrived<T>(state: SharedState, construct: () => T): T {
  arriving = state;
  try {
    return construct();
  } finally {
    arriving = null;
  }
}

/** Has new objects live in another broker than that of this process. @internal */
export function madeOn<T>(link: Link, construct: () => T): T {
  const before = place;
  place = link;
  try {
    return construct();
  } finally {
    place = before;
  }
}

function create<S extends Stub>(
  Class: StubClass<S>,
  kind: Kind,
  params: Readonly<Record<string, Plain>>,
  words: readonly number[],
  where: (() => Link) | null,
): S {
  const link = where?.() ?? place ?? homeLink();
  const board = words.length > 0 ? allocate(4 * words.length) : null;
  for (const [at, word] of words.entries()) if (word !== 0) board?.writeInt32(4 * at, word);
  const id = `${origin}${++last}`;
  const state = (board?.describe() ?? null) as unknown as Plain;
  return link.stub(id, kind, { ...params, board: state }, (handle) => new Class(link, handle, id, board));
}

function open<S extends Stub>(Class: StubClass<S>, kind: Kind, { at, id, board }: SharedState): S {
  const link = linkTo(at);
  return link.stub(id, kind, null, (handle) => new Class(link, handle, id, areaOrNull(board)));
}

function areaOrNull(state: AreaState | null): Area | null {
  try {
    return state === null ? null : areaOf(state);
  } catch {
    // The process that made it has ended. The object itself may live on.
    return null;
  }
}
