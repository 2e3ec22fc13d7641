import { Socket as NetSocket } from 'node:net';
import { show } from '@switchyard/greenlet/scheduler';
import {
  IPPROTO_TCP,
  SO_ACCEPTCONN,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_RCVBUF,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOL_SOCKET,
  TCP_NODELAY,
} from './constants.ts';
import { osError } from './errors.ts';
import type { Socket } from './socket.ts';

/** @internal */
export function setOption(socket: Socket, level: number, option: number, value: number): void {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new TypeError(`Expected a whole number as the value of a socket option, got ${show(value)}`);
  }
  const { wire } = socket;
  const plan = socket.planned();
  if (level === IPPROTO_TCP && option === TCP_NODELAY) {
    plan.noDelay = value !== 0;
    if (wire instanceof NetSocket) wire.setNoDelay(plan.noDelay);
  } else if (level !== SOL_SOCKET) throw unknown(level, option);
  else if (option === SO_KEEPALIVE) {
    plan.keepAlive = value !== 0;
    if (wire instanceof NetSocket) wire.setKeepAlive(plan.keepAlive);
  } else if (option === SO_RCVBUF) plan.receiveLimit = positive(value, 'SO_RCVBUF');
  else if (option === SO_SNDBUF) plan.sendLimit = positive(value, 'SO_SNDBUF');
  // Node sets it on what listens, as Python programs do.
  else if (option !== SO_REUSEADDR) throw unknown(level, option);
}

/** @internal */
export function getOption(socket: Socket, level: number, option: number): number {
  const { wire } = socket;
  if (level === IPPROTO_TCP && option === TCP_NODELAY) return Number(socket.planned().noDelay);
  if (level !== SOL_SOCKET) throw unknown(level, option);
  switch (option) {
    case SO_ERROR:
      return socket.takeError()?.errno ?? 0;
    case SO_TYPE:
      return socket.type;
    case SO_ACCEPTCONN:
      return Number(socket.acceptsConnections);
    case SO_KEEPALIVE:
      return Number(socket.planned().keepAlive);
    case SO_RCVBUF:
      return socket.receiveBuffer;
    case SO_SNDBUF:
      return wire === null ? socket.planned().sendLimit : wire.writableHighWaterMark;
    case SO_REUSEADDR:
      return 1;
    default:
      throw unknown(level, option);
  }
}

function positive(value: number, name: string): number {
  if (value < 1) throw new RangeError(`Expected a number of bytes from 1 up for ${name}, got ${value}`);
  return value;
}

function unknown(level: number, option: number): Error {
  return osError('ENOPROTOOPT', `option ${show(option)} of level ${show(level)}, which Node does not have`);
}
