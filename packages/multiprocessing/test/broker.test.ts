/** The broker by itself: what its clients say, and what it answers. */
import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Broker } from '../src/broker/broker.ts';
import type { Client } from '../src/broker/client.ts';
import { GRANTED } from '../src/broker/lock-served.ts';
import {
  ASK,
  CANCEL,
  CANCELLED,
  CLOSE,
  ITSELF,
  NEWS,
  OPEN,
  REFUSE,
  REPLY,
  TELL,
  type ToClient,
} from '../src/wire.ts';

const test = suite('broker');

/** A client, and what it is told. */
function clientOf(broker: Broker): { client: Client; told: ToClient[]; next(): Promise<ToClient> } {
  const told: ToClient[] = [];
  let wake = (): void => {};
  const client = broker.connect((message) => {
    told.push(message);
    wake();
  });
  const next = async (): Promise<ToClient> => {
    while (told.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return told.shift() as ToClient;
  };
  return { client, told, next };
}

const QUEUE = { maxsize: 0, board: null };

test('who hears of an object before its maker is heard waits for that', async () => {
  const broker = new Broker();
  const [maker, other] = [clientOf(broker), clientOf(broker)];
  other.client.receive([OPEN, 1, 'q', 'queue', null], null);
  other.client.receive([ASK, 1, 1, 'get', null, false], null);
  other.client.receive([ASK, 1, 2, 'get', null, false], null);
  other.client.receive([ASK, ITSELF, 3, '', null, false], null);
  assert.equal(await other.next(), [REPLY, 3, true, false], 'everything else goes on');
  other.client.receive([CANCEL, 1], null);
  assert.equal(await other.next(), [CANCELLED, 1]);
  maker.client.receive([OPEN, 7, 'q', 'queue', QUEUE], null);
  maker.client.receive([TELL, 7, 'put', null, true], new Uint8Array([1]));
  assert.equal(await other.next(), [REPLY, 2, true, true]);
});

test('who hears of an object that nobody has any more is told', async () => {
  const broker = new Broker();
  const [maker, other] = [clientOf(broker), clientOf(broker)];
  maker.client.receive([OPEN, 7, 'q', 'queue', QUEUE], null);
  maker.client.receive([CLOSE, 7], null);
  other.client.receive([OPEN, 1, 'q', 'queue', null], null);
  other.client.receive([ASK, 1, 1, 'get', null, false], null);
  const [kind, ticket, , message] = (await other.next()) as [number, number, string, string];
  assert.equal([kind, ticket, message], [REFUSE, 1, 'all processes that used this queue have ended']);
});

test('one that ends while it waits for an object that is not there is forgotten', async () => {
  const broker = new Broker();
  const [maker, other] = [clientOf(broker), clientOf(broker)];
  other.client.receive([OPEN, 1, 'q', 'queue', null], null);
  other.client.receive([ASK, 1, 1, 'get', null, false], null);
  other.client.gone();
  maker.client.receive([OPEN, 7, 'q', 'queue', QUEUE], null);
  maker.client.receive([TELL, 7, 'put', null, true], new Uint8Array([1]));
  maker.client.receive([ASK, 7, 1, 'getNow', null, false], null);
  assert.equal(await maker.next(), [REPLY, 1, true, true]);
});

test('a lease that was known under another number is free again', async () => {
  const broker = new Broker();
  const { client, next } = clientOf(broker);
  client.receive([OPEN, 1, 'l', 'lock', { board: null }], null);
  client.receive([ASK, 1, 1, 'acquire', null, false], null);
  assert.equal(await next(), [REPLY, 1, GRANTED, false]);
  client.receive([TELL, 1, 'idle', null, false], null);
  // It was collected there, and has come anew, before that was said.
  client.receive([OPEN, 2, 'l', 'lock', null], null);
  client.receive([CLOSE, 1], null);
  client.receive([ASK, 2, 2, 'acquire', null, false], null);
  assert.equal(await next(), [REPLY, 2, GRANTED, false]);
});

test('one who wants a lock at once is answered by whoever holds it', async () => {
  const broker = new Broker();
  const [holder, other] = [clientOf(broker), clientOf(broker)];
  holder.client.receive([OPEN, 1, 'l', 'lock', { board: null }], null);
  holder.client.receive([ASK, 1, 1, 'acquire', null, false], null);
  await holder.next();
  other.client.receive([OPEN, 1, 'l', 'lock', null], null);
  other.client.receive([ASK, 1, 1, 'try', null, false], null);
  assert.equal(await holder.next(), [NEWS, 1, 'recall', null]);
  assert.equal(other.told, []);
  holder.client.receive([TELL, 1, 'keep', null, false], null);
  assert.equal(await other.next(), [REPLY, 1, 0, false]);
});

test('what cannot be understood is refused, and harms nobody else', async () => {
  const broker = new Broker();
  const { client, next } = clientOf(broker);
  client.receive([OPEN, 1, 'q', 'queue', QUEUE], null);
  client.receive([ASK, 1, 1, 'guess', null, false], null);
  assert.match(String((await next())[3]), 'it knows no guess');
  client.receive([TELL, 1, 'put', 5, true], new Uint8Array([1]));
  client.receive([ASK, 9, 2, 'get', null, false], null);
  assert.match(String((await next())[3]), 'it has been closed');
});

test.run();
