/** What a client and the broker say to each other. Where a message has a body, it comes right behind, as bytes. */

/** To the broker. */
export const OPEN = 0;
export const ASK = 1;
export const CANCEL = 2;
export const TELL = 3;
export const CLOSE = 4;
/** To a client. */
export const REPLY = 5;
export const REFUSE = 6;
export const CANCELLED = 7;
export const NEWS = 8;

/** What the broker itself is called, instead of an object. */
export const ITSELF = 0;

/** What an object is: which class serves it. */
export type Kind =
  | 'lock'
  | 'semaphore'
  | 'event'
  | 'condition'
  | 'barrier'
  | 'queue'
  | 'pipe'
  | 'list'
  | 'dict';

/** An argument, or what an object answers. */
export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

export type ToBroker =
  | readonly [kind: typeof OPEN, handle: number, id: string, what: Kind, params: Plain]
  | readonly [kind: typeof ASK, handle: number, ticket: number, verb: string, arg: Plain, body: boolean]
  | readonly [kind: typeof CANCEL, ticket: number]
  | readonly [kind: typeof TELL, handle: number, verb: string, arg: Plain, body: boolean]
  | readonly [kind: typeof CLOSE, handle: number];

export type ToClient =
  | readonly [kind: typeof REPLY, ticket: number, value: Plain, body: boolean]
  | readonly [kind: typeof REFUSE, ticket: number, name: string, message: string]
  | readonly [kind: typeof CANCELLED, ticket: number]
  | readonly [kind: typeof NEWS, handle: number, what: string, arg: Plain];

/** Whether a message has a body. */
export function hasBody(message: ToBroker | ToClient): boolean {
  switch (message[0]) {
    case ASK:
      return message[5];
    case TELL:
      return message[4];
    case REPLY:
      return message[3];
    default:
      return false;
  }
}
