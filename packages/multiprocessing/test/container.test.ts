import { suite } from '@switchyard/testing';
import * as assert from 'uvu/assert';
import { Broker } from '../src/broker/broker.ts';
import type { Client } from '../src/broker/client.ts';
import { ASK, CLOSE, OPEN, type Plain, TELL, type ToClient } from '../src/wire.ts';

const test = suite('containers in the broker');

/** A client that speaks to a broker, and keeps what it answers. */
class Talk {
  readonly answers: ToClient[] = [];
  readonly client: Client;
  private readonly broker: Broker;
  private ticket = 0;

  constructor(broker: Broker) {
    this.broker = broker;
    this.client = broker.connect((message) => this.answers.push(message));
  }

  open(handle: number, id: string, params: Plain = {}): void {
    this.client.receive([OPEN, handle, id, 'list', params], null);
  }

  ask(handle: number, verb: string, arg: Plain = null, body: Uint8Array | null = null): Plain {
    this.client.receive([ASK, handle, ++this.ticket, verb, arg, body !== null], body);
    return this.answers.at(-1)?.[2] as Plain;
  }

  /** Puts something in that refers to an object. */
  refer(handle: number, id: string): void {
    this.ask(handle, 'extend', [[null], [1], [[id]]], Uint8Array.of(1));
  }

  close(handle: number): void {
    this.client.receive([CLOSE, handle], null);
  }

  /** Whether an object is there, for whoever does not have it. */
  sees(id: string): boolean {
    try {
      this.broker.find(id, 'list', null);
      return true;
    } catch {
      return false;
    }
  }
}

function given(): { maker: Talk; other: Talk } {
  const broker = new Broker();
  const maker = new Talk(broker);
  maker.open(1, 'outer');
  maker.open(2, 'inner');
  return { maker, other: new Talk(broker) };
}

test('an object ends with the last one who has it', () => {
  const { maker, other } = given();
  other.open(1, 'inner', null);
  maker.close(2);
  assert.ok(other.sees('inner'));
  other.close(1);
  assert.not.ok(other.sees('inner'));
});

test('an object lives for as long as a list holds it', () => {
  const { maker, other } = given();
  maker.refer(1, 'inner');
  maker.close(2);
  assert.ok(other.sees('inner'), 'held by the list');
  maker.ask(1, 'delete', 0);
  assert.not.ok(other.sees('inner'), 'taken out of it');
});

test('an object that is in a list twice lives until both are out', () => {
  const { maker, other } = given();
  maker.refer(1, 'inner');
  maker.refer(1, 'inner');
  maker.close(2);
  maker.ask(1, 'delete', 0);
  assert.ok(other.sees('inner'));
  maker.ask(1, 'set', [0, [[5], null, null]]);
  assert.not.ok(other.sees('inner'));
});

test('what only a list holds goes with it, however deep', () => {
  const broker = new Broker();
  const maker = new Talk(broker);
  const depth = 20_000;
  for (let at = 0; at < depth; at++) {
    maker.open(at, `list${at}`);
    if (at > 0) maker.refer(at, `list${at - 1}`);
  }
  for (let at = 0; at < depth - 1; at++) maker.close(at);
  const other = new Talk(broker);
  assert.ok(other.sees('list0'));
  maker.close(depth - 1);
  assert.not.ok(other.sees('list0'));
  assert.not.ok(other.sees(`list${depth - 2}`));
});

test('what an answer brings stays until it has been opened', () => {
  const { maker, other } = given();
  maker.refer(1, 'inner');
  maker.close(2);
  other.open(1, 'outer', null);
  const [, , lent] = other.ask(1, 'pop', -1) as unknown as readonly [unknown, unknown, number];
  // It is in no list any more, and nobody has opened it.
  assert.ok(maker.sees('inner'));
  other.open(2, 'inner', null);
  other.client.receive([TELL, 1, 'got', lent, false], null);
  assert.ok(maker.sees('inner'), 'opened');
  other.close(2);
  assert.not.ok(maker.sees('inner'), 'closed');
});

test('what an answer brings goes with the client that never opened it', () => {
  const { maker, other } = given();
  maker.refer(1, 'inner');
  maker.close(2);
  other.open(1, 'outer', null);
  other.ask(1, 'pop', -1);
  assert.ok(maker.sees('inner'));
  other.client.gone();
  assert.not.ok(maker.sees('inner'));
});

test('values that are compared are not kept', () => {
  const { maker, other } = given();
  maker.ask(1, 'count', [[null], [1], [['inner']]], Uint8Array.of(1));
  maker.close(2);
  assert.not.ok(other.sees('inner'));
});

test('an object that was opened anew outlives the closing of its first handle', () => {
  // A stub that was collected is told of later than the one that came after it was made.
  const { maker, other } = given();
  maker.open(3, 'inner', null);
  maker.close(2);
  assert.ok(other.sees('inner'));
  assert.is(maker.ask(3, 'length'), 0);
  maker.close(3);
  assert.not.ok(other.sees('inner'));
});

test.run();
