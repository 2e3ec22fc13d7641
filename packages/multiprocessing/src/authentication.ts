import { Buffer } from 'node:buffer';
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import { RuntimeError } from '@switchyard/remote';
import { knownErrors } from '@switchyard/remote/core';

type Side = 'server' | 'client';

/** How long the other side may take to prove who it is, in milliseconds. */
const PATIENCE = 10_000;
/** What each side says first: whoever says anything else is not one of us. */
const GREETING = Buffer.from('switchyard 1\n');
/** How many bytes a challenge has, and the answer to it. */
const CHALLENGE = 32;
const PROOF = 32;
const ASKED = GREETING.length + CHALLENGE;
const ALL = ASKED + PROOF;

/** The other side did not know the key. Python: `multiprocessing.AuthenticationError`. */
export class AuthenticationError extends RuntimeError {
  static {
    this.prototype.name = 'AuthenticationError';
  }
}

knownErrors([AuthenticationError]);

/**
 * Has both sides prove that they know the same key, which itself is never sent: each answers a challenge of the other. Until
 * then nothing is read but so many bytes, and nothing is made of them.
 *
 * @param done called with null, in time to listen to what comes next; or with the reason why the other side is not to be
 *   talked to: it has been closed then
 * @param patience how long it may take, in milliseconds
 * @internal
 */
export function authenticate(
  socket: Socket,
  key: Uint8Array,
  side: Side,
  done: (error: Error | null) => void,
  patience = PATIENCE,
): void {
  const challenge = randomBytes(CHALLENGE);
  let heard: Buffer = Buffer.alloc(0);
  let answered = false;

  const end = (error: Error | null): void => {
    clearTimeout(timer);
    socket.off('data', hear);
    socket.off('error', hungUp);
    socket.off('close', hungUp);
    if (error !== null) {
      // What the system still has to say of it is of no interest.
      socket.on('error', () => {});
      socket.destroy();
    }
    done(error);
  };
  const fail = (message: string): void => end(new AuthenticationError(message));
  const hungUp = (cause?: unknown): void =>
    end(
      new AuthenticationError('the other side has hung up: it may have another key, or have ended', {
        cause: cause instanceof Error ? cause : undefined,
      }),
    );
  const hear = (chunk: Buffer): void => {
    heard = heard.length === 0 ? chunk : Buffer.concat([heard, chunk]);
    const greeted = Math.min(heard.length, GREETING.length);
    if (GREETING.compare(heard, 0, greeted, 0, greeted) !== 0) {
      fail('the other side does not speak as it should');
      return;
    }
    if (heard.length < ASKED) return;
    if (!answered) socket.write(proof(key, side, heard.subarray(GREETING.length, ASKED)));
    answered = true;
    if (heard.length < ALL) return;
    const expected = proof(key, side === 'server' ? 'client' : 'server', challenge);
    if (!timingSafeEqual(heard.subarray(ASKED, ALL), expected)) {
      fail('the other side does not know the key');
      return;
    }
    end(null);
    if (heard.length > ALL) socket.unshift(heard.subarray(ALL));
  };
  const timer = setTimeout(
    () => fail(`the other side has not proved within ${patience} ms that it knows the key`),
    patience,
  );
  timer.unref();
  socket.on('data', hear);
  socket.on('error', hungUp);
  socket.on('close', hungUp);
  socket.write(Buffer.concat([GREETING, challenge]));
}

// The side is part of it, so that nobody can have his own challenge answered by sending it back.
function proof(key: Uint8Array, side: Side, challenge: Uint8Array): Buffer {
  return createHmac('sha256', key).update(side).update(challenge).digest();
}
