import {
  BroadcastChannel,
  getEnvironmentData,
  isMainThread,
  receiveMessageOnPort,
  setEnvironmentData,
} from 'node:worker_threads';
import { RuntimeError } from '@switchyard/remote';

/*
 * Shared memory that is inside of queue items cannot go where the bytes of the items go. The main thread keeps it until the
 * item is taken, also when the thread that put it has ended by then. All threads of a process hear the same channel, however
 * they were started; one that is not the main one listens only while it waits for an answer.
 */

type Buffers = readonly SharedArrayBuffer[];

type Message =
  | { readonly kind: 'deposit'; readonly token: number; readonly buffers: Buffers }
  | { readonly kind: 'collect'; readonly token: number; readonly answered: SharedArrayBuffer }
  | { readonly kind: 'answer'; readonly token: number; readonly buffers: Buffers | null };

const CHANNEL = '@switchyard/threading.keeper';
/** How long a thread waits for the main one to answer, in ms: that may be computing. */
const PATIENCE = 60_000;

const kept = new Map<number, Buffers>();
/** Counts the tokens of all threads. */
const counter = new Int32Array(sharedCounter());

/** Keeps shared memory until somebody collects it. @returns the token for that, from 1 up @internal */
export function deposit(buffers: Buffers): number {
  const token = (Atomics.add(counter, 0, 1) & 0x7fffffff) + 1;
  if (isMainThread) kept.set(token, buffers);
  else post({ kind: 'deposit', token, buffers });
  return token;
}

/**
 * Gives out what was deposited, once. A worker stands still until the main thread has answered. @throws RuntimeError when
 * nothing is kept under the token, or the main thread does not answer @internal
 */
export function collect(token: number): Buffers {
  const buffers = isMainThread ? take(token) : ask(token);
  if (buffers === null)
    throw new RuntimeError(`no shared memory is kept under ${token}: it has been collected before`);
  return buffers;
}

function take(token: number): Buffers | null {
  // The item may be here before the event loop has come to the message that was sent before it.
  if (!kept.has(token)) hearAll();
  const buffers = kept.get(token) ?? null;
  kept.delete(token);
  return buffers;
}

function ask(token: number): Buffers | null {
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const channel = new BroadcastChannel(CHANNEL);
  try {
    channel.postMessage({ kind: 'collect', token, answered: answered.buffer } satisfies Message);
    if (Atomics.wait(answered, 0, 0, PATIENCE) === 'timed-out') {
      throw new RuntimeError(
        `the main thread has not handed out shared memory for ${PATIENCE / 1000} s: it is blocked`,
      );
    }
    for (;;) {
      const received = receiveMessageOnPort(channel as never) as { message: Message } | undefined;
      if (received === undefined) return null;
      const { message } = received;
      if (message.kind === 'answer' && message.token === token) return message.buffers;
    }
  } finally {
    channel.close();
  }
}

function post(message: Message): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(message);
  channel.close();
}

function sharedCounter(): SharedArrayBuffer {
  const known = getEnvironmentData(CHANNEL) as unknown as SharedArrayBuffer | undefined;
  if (known !== undefined) return known;
  const made = new SharedArrayBuffer(4);
  setEnvironmentData(CHANNEL, made as never);
  return made;
}

/** What the main thread hears all others on. */
let heard: (BroadcastChannel & { unref(): void }) | null = null;

function listen(): void {
  heard = new BroadcastChannel(CHANNEL) as BroadcastChannel & { unref(): void };
  heard.unref();
  heard.onmessage = (event: unknown): void => hear((event as { data: Message }).data);
}

function hearAll(): void {
  for (;;) {
    const received = receiveMessageOnPort(heard as never) as { message: Message } | undefined;
    if (received === undefined) return;
    hear(received.message);
  }
}

function hear(message: Message): void {
  if (message.kind === 'deposit') kept.set(message.token, message.buffers);
  else if (message.kind === 'collect') {
    heard?.postMessage({
      kind: 'answer',
      token: message.token,
      buffers: take(message.token),
    } satisfies Message);
    const answered = new Int32Array(message.answered);
    Atomics.store(answered, 0, 1);
    Atomics.notify(answered, 0);
  }
}

if (isMainThread) listen();
